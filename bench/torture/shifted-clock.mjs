/*
 * Loaded into the bridge before anything of it: its wall clock is ahead by what it is told, at the start by
 * TORTURE_AHEAD_MS and then by messages `{ aheadMs }` of the process that started it. The monotonic clock and timers
 * go on, as they do when somebody sets the time of a machine.
 */
const RealDate = Date;
let aheadMs = Number(process.env.TORTURE_AHEAD_MS ?? 0);

class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + aheadMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
}

globalThis.Date = new Proxy(ShiftedDate, {
  // Called without `new`, it is the time as a text.
  apply: () => new ShiftedDate().toString(),
});

process.on('message', (message) => {
  if (typeof message?.aheadMs === 'number') aheadMs = message.aheadMs;
});
process.channel?.unref();
