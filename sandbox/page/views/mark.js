import { html, nothing } from '/lit-html/lit-html.js';
import { t } from '../i18n.js';

/** @typedef {'waiting' | 'sent' | 'delivered' | 'read' | 'failed'} Mark */

const PATHS = {
  waiting: 'M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM8 5v3.200l2 1.300',
  sent: 'M4 8.500l3 3L13 4.500',
  delivered: 'M1 8.500l3 3L10 4.500M7.500 11l.500.500L14.500 4.500',
  read: 'M1 8.500l3 3L10 4.500M7.500 11l.500.500L14.500 4.500',
  failed: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM5.800 5.800l4.400 4.400M10.200 5.800l-4.400 4.400',
};

const WORDS = /** @type {const} */ ({
  waiting: 'markWaiting',
  sent: 'markSent',
  delivered: 'markDelivered',
  read: 'markRead',
  failed: 'markFailed',
});

/** The mark beside a message's time. @param {Mark | undefined} mark */
export function markView(mark) {
  if (mark === undefined) return nothing;
  const words = t(WORDS[mark]);
  return html`<span
    class="mark mark-${mark}"
    role="img"
    aria-label=${words}
    title=${words}
    data-mark=${mark}
    ><svg viewBox="0 0 16 16"><path d=${PATHS[mark]} /></svg
  ></span>`;
}
