/** Fewer posts than this only warm the process up, and say nothing about what it keeps. */
const ENOUGH_POSTS = 20_000;
/** What the heap and the store's caches may still gain once warm: a leak of 1 KiB a post would be 100 MB of 100,000. */
const MOST_GROWTH = { share: 0.1, bytes: 24 * 1024 * 1024 };
const WINDOWS = 5;

/** Resident memory while the posts went out. */
export class Memory {
  private readonly samples: { readonly posted: number; readonly bytes: number }[] = [];

  note(posted: number, bytes: number | undefined): void {
    if (bytes !== undefined) this.samples.push({ posted, bytes });
  }

  /** The middle one of each fifth of the run, in bytes. */
  windows(): readonly number[] {
    const most = this.samples.at(-1)?.posted ?? 0;
    return Array.from({ length: WINDOWS }, (_, i) => {
      const within = this.samples.filter(
        ({ posted }) => posted > (most * i) / WINDOWS && posted <= (most * (i + 1)) / WINDOWS,
      );
      const sorted = within.map(({ bytes }) => bytes).toSorted((one, other) => one - other);
      return sorted[Math.floor(sorted.length / 2)] ?? 0;
    });
  }

  /** Whether the last fifth takes no more than the second one, give or take; true where nothing can be said. */
  isFlat(): boolean {
    const most = this.samples.at(-1)?.posted ?? 0;
    const [, warm = 0] = this.windows();
    const end = this.windows().at(-1) ?? 0;
    if (most < ENOUGH_POSTS || warm === 0) return true;
    return end <= warm + Math.max(warm * MOST_GROWTH.share, MOST_GROWTH.bytes);
  }
}
