/** A reader so near to the end wants to see what comes next. */
const NEAR_PX = 80;

/** What each log showed last. @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * Draws, and keeps every log (`data-follow`: what its end is) at its end, unless the reader has
 * scrolled back in it.
 * @param {Element} root @param {string} place where the reader is; elsewhere every log starts at its end
 * @param {() => void} draw
 */
export function keepAtEnd(root, place, draw) {
  const before = new Map(
    [...root.querySelectorAll('[data-follow]')].map((log) => [log, isNearEnd(log)]),
  );
  draw();
  for (const log of root.querySelectorAll('[data-follow]')) {
    const [owner] = log.dataset.follow.split(' ');
    const now = `${place} ${owner}`;
    const isElsewhere = shown.get(log) !== now;
    shown.set(log, now);
    if (isElsewhere || (before.get(log) ?? true)) log.scrollTop = log.scrollHeight;
  }
}

/** Who has just written wants to see it. @param {'client' | 'manager'} part */
export function goToEnd(part) {
  const log = document.querySelector(`[data-part="${part}"] [data-follow]`);
  log?.scrollTo(0, log.scrollHeight);
}

function isNearEnd({ scrollTop, clientHeight, scrollHeight }) {
  return scrollHeight - clientHeight - scrollTop < NEAR_PX;
}
