const FIRST_MS = 1_000;

/**
 * How long to wait before the next try: exponential with full jitter, so that lanes which failed together do not
 * come back together.
 * @param tries that failed before this one
 * @param mostMs the longest wait
 * @param jitter from 0 up to 1
 */
export function backOffMs(tries: number, mostMs: number, jitter: number): number {
  const span = Math.min(mostMs, FIRST_MS * 2 ** Math.min(tries + 1, 30));
  return Math.round(Math.min(mostMs, FIRST_MS + jitter * Math.max(0, span - FIRST_MS)));
}
