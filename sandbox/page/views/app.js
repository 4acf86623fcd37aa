import { html, nothing } from '/lit-html/lit-html.js';
import { groupsOf } from '../fault-switches.js';
import { currentLanguage, chooseLanguage, t } from '../i18n.js';
import { change, page } from '../store.js';
import { hideToast } from '../toasts.js';
import { cardView } from './card.js';
import { dialogsView } from './dialogs.js';
import { activeFaultsView, faultsView } from './faults.js';
import { icon } from './icons.js';
import { ledgerStrip, ledgerView } from './ledger.js';
import { phoneView } from './phone.js';
import { trafficView } from './traffic.js';

const TABS = /** @type {const} */ ([
  ['client', 'tabClient'],
  ['manager', 'tabManager'],
  ['bridge', 'tabBridge'],
  ['faults', 'tabFaults'],
]);

const MIDDLE = /** @type {const} */ ([
  ['bridge', 'bridge'],
  ['faults', 'tabFaults'],
  ['ledger', 'tabLedger'],
]);

/** The whole page. */
export function appView() {
  return html`${topView()}
  ${
    page.state === undefined
      ? html`<main class="loading"><p role="status">${t('loading')}</p></main>`
      : html`<main data-tab=${page.tab} data-middle=${page.middle}>
            ${phoneView()} ${middleView()} ${cardView()}
          </main>
          ${tabsView()}`
  }
  ${dialogsView()} ${toastsView()}`;
}

function topView() {
  const { state, isLive } = page;
  return html`<header class="top">
    <h1><img src="/page/icon.svg" alt="" />${t('title')} <small>${t('subtitle')}</small></h1>
    ${
      state === undefined
        ? nothing
        : html`<p class="pill ${state.isConnected && isLive ? 'good' : 'bad'}" role="status">
            ${t(!isLive ? 'goneShort' : state.isConnected ? 'bridgeOn' : 'bridgeOff')}
          </p>`
    }
    <div class="languages" role="group" aria-label=${t('language')}>
      ${
        /** @type {const} */ (['ru', 'en']).map(
          (language) =>
            html`<button
              type="button"
              lang=${language}
              aria-pressed=${language === currentLanguage()}
              @click=${() => {
                chooseLanguage(language);
                change({});
              }}
            >
              ${language.toUpperCase()}
            </button>`,
        )
      }
    </div>
    ${
      state !== undefined && !isLive ? html`<p class="gone" role="alert">${t('gone')}</p>` : nothing
    }
  </header>`;
}

function middleView() {
  return html`<section class="middle" aria-label=${t('bridge')}>
    <nav class="segments" aria-label=${t('parts')}>
      ${MIDDLE.map(
        ([middle, name]) =>
          html`<button
            type="button"
            aria-current=${page.middle === middle ? 'true' : nothing}
            @click=${() => change({ middle })}
          >
            ${t(name)}${middle === 'faults' ? faultCount() : nothing}
          </button>`,
      )}
    </nav>
    <div class="part part-bridge">${activeFaultsView()} ${trafficView()} ${ledgerStrip()}</div>
    <div class="part part-faults">
      <h2 class="narrow-title">${t('faults')}</h2>
      ${faultsView()}
    </div>
    <div class="part part-ledger">
      <h2 class="narrow-title">${t('ledger')}</h2>
      ${ledgerView()}
    </div>
  </section>`;
}

function tabsView() {
  return html`<nav class="tabs" aria-label=${t('parts')}>
    ${TABS.map(
      ([tab, name]) =>
        html`<button
          type="button"
          aria-current=${page.tab === tab ? 'page' : nothing}
          @click=${() => change({ tab })}
        >
          ${icon(tab)}<span>${t(name)}${tab === 'faults' ? faultCount() : nothing}</span>
        </button>`,
    )}
  </nav>`;
}

function faultCount() {
  const { faults, fates } = page.state;
  const count = groupsOf(faults).length + (Object.keys(fates).length > 0 ? 1 : 0);
  return count === 0 ? nothing : html`<span class="count">${count}</span>`;
}

function toastsView() {
  return html`<div class="toasts" role="alert">
    ${page.toasts.map(
      ({ id, text }) =>
        html`<p class="toast">
          ${text}
          <button type="button" aria-label=${t('close')} @click=${() => hideToast(id)}>
            ${icon('close')}
          </button>
        </p>`,
    )}
  </div>`;
}
