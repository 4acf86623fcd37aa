/** A reader so near to the end wants to see what comes next. */
const NEAR_PX = 80;

/** What each log showed last. @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/** Which chip each strip was scrolled to. @type {WeakMap<Element, Element>} */
const scrolledTo = new WeakMap();

/**
 * Draws, and keeps every log (`data-follow`: what its end is) at its end. A reader who has scrolled
 * back in it keeps the place instead, also where what stood above is gone.
 * @param {Element} root @param {string} place where the reader is; elsewhere every log starts at its end
 * @param {() => void} draw
 */
export function keepPlaces(root, place, draw) {
  const before = new Map(
    [...root.querySelectorAll('[data-follow]')].map((log) => [
      log,
      isNearEnd(log) ? undefined : inSight(log),
    ]),
  );
  draw();
  for (const log of root.querySelectorAll('[data-follow]')) {
    const [owner] = log.dataset.follow.split(' ');
    const now = `${place} ${owner}`;
    const isElsewhere = shown.get(log) !== now;
    shown.set(log, now);
    const rows = isElsewhere ? undefined : before.get(log);
    if (rows === undefined) log.scrollTop = log.scrollHeight;
    else stayAt(log, rows);
  }
}

/** Scrolls every strip of chips to the chosen one, once. @param {Element} root */
export function showChosen(root) {
  for (const chip of root.querySelectorAll('.chips [aria-current]')) {
    const strip = chip.parentElement;
    if (scrolledTo.get(strip) === chip || strip.clientWidth === 0) continue;
    scrolledTo.set(strip, chip);
    chip.scrollIntoView({ block: 'nearest', inline: 'nearest' });
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

/** What the reader looks at and all below it, with where each row stands. */
function inSight(log) {
  return [...log.querySelectorAll('[data-row]')]
    .map((row) => ({ row, top: row.offsetTop }))
    .filter(({ row, top }) => top + row.offsetHeight > log.scrollTop + log.offsetTop);
}

/** Puts the first of the rows that is still there back to where it stood. */
function stayAt(log, rows) {
  const kept = rows.find(({ row }) => log.contains(row));
  if (kept !== undefined) log.scrollTop += kept.row.offsetTop - kept.top;
}
