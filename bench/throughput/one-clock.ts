/* The monotonic clock that all processes of one machine share, in ms. */
const ahead = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export function nowMs(): number {
  return performance.now() + ahead;
}
