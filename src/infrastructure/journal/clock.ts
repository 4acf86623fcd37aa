/**
 * The journal's clock on SQLite: milliseconds that look like the time of day and only ever grow. It runs on the
 * process's monotonic clock, so a jump of the wall clock moves no due time and no limit; the wall clock only
 * bridges the time between two processes.
 */
export class JournalClock {
  private startedAt: number;
  private readonly startedMonotonic: number;

  constructor(
    private readonly wall: () => number = Date.now,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.startedAt = this.wall();
    this.startedMonotonic = this.monotonic();
  }

  /** Goes on from where a former process was last seen: at `journalMs`, when the wall clock showed `wallMs`. */
  resume(last: { journalMs: number; wallMs: number }): void {
    this.startedAt = Math.max(
      this.startedAt,
      last.journalMs,
      last.journalMs + (this.wall() - last.wallMs),
    );
  }

  now(): number {
    return Math.floor(this.startedAt + (this.monotonic() - this.startedMonotonic));
  }
}
