import { open, type FileHandle } from 'node:fs/promises';

/** Brings what was written to a file onto the disk. */
export type Sync = (file: FileHandle) => Promise<void>;

/**
 * The log of a SQLite journal, brought onto the disk beside the event loop: with `synchronous = FULL` each commit would
 * hold up everything else for as long as the disk takes. With NORMAL a commit is as whole and as much in order, and is on
 * the disk with the next sync of the log; nobody outside is told of it before (https://sqlite.org/wal.html, read on 2026-11-29).
 */
export class Wal {
  private file: FileHandle | undefined;
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private isInDoubt = false;
  private isClosed = false;

  /**
   * @param path of the log
   * @param empty brings all of the log into the database file and onto the disk, and begins the log anew; throws where it
   * cannot
   */
  constructor(
    private readonly path: string,
    private readonly empty: () => void,
    private readonly sync: Sync = (file) => file.datasync(),
  ) {}

  /**
   * Before each transaction. After a sync that failed the system may take for written what is not on the disk, and the
   * next sync would succeed without it: until it is somewhere else, nothing is worth adding.
   */
  ensureSound(): void {
    if (!this.isInDoubt) return;
    this.empty();
    this.isInDoubt = false;
  }

  /** All that is committed by now is on the disk when it ends. Calls that come while one runs share the next one. */
  flush(): Promise<void> {
    if (this.next) return this.next;
    if (!this.running) return this.run();
    this.next = this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.run();
      });
    return this.next;
  }

  async close(): Promise<void> {
    await (this.next ?? this.running)?.catch(() => undefined);
    this.isClosed = true;
    await this.file?.close();
    this.file = undefined;
  }

  private run(): Promise<void> {
    this.running = this.syncOnce().finally(() => (this.running = undefined));
    return this.running;
  }

  private async syncOnce(): Promise<void> {
    if (this.isInDoubt) throw new Error('the log could not be brought onto the disk before');
    if (this.isClosed) throw new Error('the journal is closed');
    try {
      this.file ??= await open(this.path, 'r+');
      await this.sync(this.file);
    } catch (error) {
      this.isInDoubt = true;
      throw error;
    }
  }
}
