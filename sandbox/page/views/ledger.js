import { html, nothing } from '/lit-html/lit-html.js';
import { t } from '../i18n.js';
import { change, page } from '../store.js';

/** Counts that a bridge which keeps its promises leaves at zero. */
const ZEROS = /** @type {const} */ ([
  { key: 'missing', name: 'missing', hint: 'missingHint' },
  { key: 'doubled', name: 'doubled', hint: 'doubledHint' },
  { key: 'outOfOrder', name: 'outOfOrder', hint: 'outOfOrderHint' },
  { key: 'statusBackwards', name: 'statusBackwards', hint: 'statusBackwardsHint' },
  { key: 'ignoredTexts', name: 'ignoredTexts', hint: 'ignoredTextsHint' },
  { key: 'violations', name: 'violationsName', hint: 'violationsHint' },
]);

const STRIP = ['missing', 'doubled', 'outOfOrder', 'violations'];

/** The counts, what they mean, and what broke a contract. */
export function ledgerView() {
  const { ledger, violations } = page.state;
  return html`<div class="ledger" data-test="ledger">
    <p class="hint">${t('ledgerHint')}</p>
    <h3>${t('mustBeZero')}</h3>
    <dl class="counts">
      ${ZEROS.map(
        ({ key, name, hint }) =>
          html`<div>
            <dt>${t(name)}<small>${t(hint)}</small></dt>
            <dd class=${tone(key, ledger[key])} data-count=${key}>${ledger[key]}</dd>
          </div>`,
      )}
    </dl>
    ${
      violations.length === 0
        ? nothing
        : html`<h3>${t('violations')}</h3>
            <ul class="violations">
              ${violations.map(
                ({ platform, endpoint, status, reason }) =>
                  html`<li><strong>${platform} · ${endpoint} · ${status}</strong>${reason}</li>`,
              )}
            </ul>`
    }
    <h3>${t('counted')}</h3>
    <dl class="counts">
      ${totals(ledger).map(
        ([name, value, hint]) =>
          html`<div>
            <dt>${t(name)}${hint === undefined ? nothing : html`<small>${t(hint)}</small>`}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </div>`;
}

/** What is missing may only be under way. */
function tone(key, count) {
  if (count === 0) return 'good';
  return key === 'missing' ? 'waiting' : 'bad';
}

function totals(ledger) {
  return /** @type {const} */ ([
    ['fromClients', `${ledger.writtenByClients} → ${ledger.seenByManagers}`],
    ['fromManagers', `${ledger.writtenByManagers} → ${ledger.seenByClients}`],
    ['chatsCount', ledger.chats],
    ['leads', ledger.leads],
    ['cancelled', ledger.cancelled, 'cancelledHint'],
    ['repeats', ledger.repeats],
  ]);
}

/** The counts that matter most, in one line under the timeline. */
export function ledgerStrip() {
  return html`<button
    type="button"
    class="strip"
    @click=${() => change({ middle: 'ledger', tab: 'faults' })}
  >
    ${ZEROS.filter(({ key }) => STRIP.includes(key)).map(({ key, name }) => {
      const count = page.state.ledger[key];
      return html`<span class=${tone(key, count)}><b>${count}</b>${t(name)}</span>`;
    })}
  </button>`;
}
