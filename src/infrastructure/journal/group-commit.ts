/**
 * Work of one turn of the event loop shares a commit, and what arrives while a commit is in flight shares the next
 * one: an fsync costs the same for one row and for a hundred.
 */
export class GroupCommit<Item, Result> {
  private waiting: {
    item: Item;
    resolve: (result: Result) => void;
    reject: (e: unknown) => void;
  }[] = [];
  private isCommitting = false;

  /**
   * @param commit writes a group, in order, and answers for each of its items: a result, or what it failed with
   * @param most items of one group: a longer one would hold up the event loop, and the database
   */
  constructor(
    private readonly commit: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>,
    private readonly most = 256,
  ) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.hurry());
    });
  }

  /** What waits is begun now, unless a commit is in flight: then it is next. */
  hurry(): void {
    if (!this.isCommitting && this.waiting.length > 0) void this.commitGroup();
  }

  private async commitGroup(): Promise<void> {
    this.isCommitting = true;
    const group = this.waiting.splice(0, this.most);
    try {
      const results = await this.commit(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, i) => {
        const settled = results[i];
        if (settled && 'value' in settled) resolve(settled.value);
        else reject(settled?.error);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    this.isCommitting = false;
    // A commit that nobody had to wait for leaves others no turn, however many groups there are.
    if (this.waiting.length > 0) setImmediate(() => this.hurry());
  }
}

export type Settled<Result> = { readonly value: Result } | { readonly error: unknown };
