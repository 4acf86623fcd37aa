/** Fewer posts than this only warm the process up, and say nothing about what it keeps. */
const ENOUGH_POSTS = 20_000;
/** What caches and a heap that is not packed may still gain: a leak of 1 KiB a post would be 60 MB of 60,000. */
const MOST_GROWTH = { share: 0.1, bytes: 24 * 1024 * 1024 };

/** What the bridge keeps between two rounds of posts, without its garbage: that V8 lets lie up to the limit of its heap. */
export class Memory {
  private readonly rests: number[] = [];
  private posted = 0;

  /** @param posted so far @param bytes nothing where the system does not tell */
  rested(posted: number, bytes: number | undefined): void {
    this.posted = posted;
    if (bytes !== undefined) this.rests.push(bytes);
  }

  /** In bytes, one for each round. */
  rounds(): readonly number[] {
    return this.rests;
  }

  /** Whether the last rest takes no more than the second one, give or take; true where nothing can be said. */
  isFlat(): boolean {
    const [, warm] = this.rests;
    const end = this.rests.at(-1);
    if (this.posted < ENOUGH_POSTS || warm === undefined || end === undefined) return true;
    return end <= warm + Math.max(warm * MOST_GROWTH.share, MOST_GROWTH.bytes);
  }
}
