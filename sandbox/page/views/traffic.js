import { html, nothing } from '/lit-html/lit-html.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { phoneNumber, time } from '../format.js';
import { faultName } from '../fault-switches.js';
import { t } from '../i18n.js';
import { clients } from '../clients.js';
import { reason } from '../reasons.js';
import { page } from '../store.js';
import { emptyView } from './empty.js';
import { icon } from './icons.js';

const SIDES = /** @type {const} */ ({
  edna: 'sideEdna',
  amocrm: 'sideAmocrm',
  bridge: 'sideBridge',
});

/** Endpoints in words; one that is not here is shown as it is. */
const WHAT = /** @type {const} */ ({
  incoming: 'whatIncoming',
  status: 'whatStatus',
  hook: 'whatHook',
  typing: 'whatTyping',
  reaction: 'whatReaction',
  schedule: 'whatSchedule',
  simple: 'whatSchedule',
  legacy: 'whatSchedule',
  'max-bot': 'whatMax',
  max: 'whatMax',
  cascades: 'whatCascades',
  channels: 'whatChannels',
  message: 'whatMessage',
  'delivery-status': 'whatDeliveryStatus',
  react: 'whatReact',
  'client-typing': 'whatClientTyping',
  templates: 'whatTemplates',
  'new-template': 'whatNewTemplate',
  'chat-templates': 'whatChatTemplates',
  connect: 'whatConnect',
  disconnect: 'whatDisconnect',
  chats: 'whatChats',
  history: 'whatHistory',
  files: 'whatFiles',
  account: 'whatAccount',
});

/** What a status tells, by edna's word or amoCRM's code; another is shown as it is. */
const TOLD = /** @type {const} */ ({
  SENT: 'markSent',
  DELIVERED: 'markDelivered',
  READ: 'markRead',
  ENQUEUED: 'toldQueued',
  DELAYED: 'toldQueued',
  UNDELIVERED: 'markFailed',
  FAILED: 'markFailed',
  EXPIRED: 'toldExpired',
  CANCELLED: 'toldCancelled',
  INVALID: 'toldInvalid',
  'NO-MATCH-TEMPLATE': 'toldNoTemplate',
  NO_MATCH_TEMPLATE: 'toldNoTemplate',
  0: 'markSent',
  1: 'markDelivered',
  2: 'markRead',
  '-1': 'markFailed',
});

/** What went over the wires, the newest at the end. */
export function trafficView() {
  const { traffic, isConnected } = page.state;
  const rows = traffic.filter(({ what }) => what !== 'files');
  const names = new Map(clients().map(({ address, name }) => [address, name]));
  return html`${
    isConnected ? nothing : html`<p class="notice warn" role="status">${t('bridgeOffHint')}</p>`
  }
  ${
    rows.length === 0
      ? html`<div class="traffic" data-follow="none">
          ${emptyView('bridge', t('bridgeEmpty'), t('bridgeEmptyHint'))}
        </div>`
      : html`<ol
          class="traffic"
          tabindex="0"
          aria-label=${t('bridge')}
          data-test="traffic"
          data-follow="traffic ${rows.at(-1)?.seq}"
        >
          ${repeat(
            rows,
            ({ seq }) => seq,
            (row) => rowView(row, names),
          )}
        </ol>`
  }`;
}

/** @param {import('../types.js').Traffic} row @param {Map<string, string>} names */
function rowView(row, names) {
  const { at, from, to, what, address, text, attempts = 1 } = row;
  const key = WHAT[what];
  const who = address ? names.get(address) || phoneNumber(address) : '';
  const notes = [
    troubleOf(row),
    attempts > 1 ? `${t('attempts')}: ${attempts}` : undefined,
    row.state === 'under way' && row.attempts > 0 && from === 'edna' ? t('willRepeat') : undefined,
  ].filter(Boolean);
  return html`<li data-row class="hop from-${from} to-${to}">
    <p class="hop-way">
      <span class="end-${from}">${t(SIDES[from])}</span>${icon('arrow')}<span class="end-${to}"
        >${t(SIDES[to])}</span
      >${who ? html`<span class="hop-who">· ${who}</span>` : nothing}
      <time datetime=${new Date(at).toISOString()}>${time(at, true)}</time>
    </p>
    <p class="hop-what">
      <span><strong>${key === undefined ? what : t(key)}</strong>${aboutOf(row)}</span
      >${statusView(row)}
    </p>
    ${text ? html`<p class="hop-text">${text}</p>` : nothing}
    ${notes.length > 0 ? html`<p class="hop-note">${notes.join(' · ')}</p>` : nothing}
  </li>`;
}

/** @param {import('../types.js').Traffic} row */
function aboutOf({ told }) {
  if (told === undefined) return '';
  const key = TOLD[told];
  return ` · ${key === undefined ? told : t(key).toLowerCase()}`;
}

/** @param {import('../types.js').Traffic} row */
function statusView({ status, trouble, state }) {
  if (status !== undefined) {
    return html`<span class="code ${status < 300 ? 'good' : 'bad'}">${status}</span>`;
  }
  if (trouble !== undefined || state === 'lost') return html`<span class="code bad">✗</span>`;
  return html`<span class="code">${t('noAnswerYet')}</span>`;
}

/** A fault's name in words, or why there was no answer. */
function troubleOf({ trouble, status, state }) {
  if (trouble === undefined) return undefined;
  if (state === 'lost') return t('lost');
  return faultName(trouble, status) ?? reason(trouble);
}
