import { fdatasyncSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Brings what was written to a file onto the disk. */
export interface Disk {
  /** Beside the event loop. */
  sync(file: FileHandle): Promise<void>;
  /** While everything else waits. */
  syncNow(file: FileHandle): void;
  /** In ms. */
  now(): number;
}

const DISK: Disk = {
  sync: (file) => file.datasync(),
  syncNow: ({ fd }) => fdatasyncSync(fd),
  now: () => performance.now(),
};

/** A sync that takes no longer is over before a thread would have begun it and the event loop have heard of its end. */
const FAST_MS = 0.5;

/**
 * What syncs may hold the event loop up beyond that: so much of the time, and so much at once. A disk that uses it up is
 * waited for beside the event loop until time has made up for it: after one that hung for a second, 33 s.
 */
const HELD_UP = { share: 0.03, mostMs: 20 };

/** So many on the spot before everybody else has a turn: whoever writes in a loop would go on to its end within one. */
const IN_ONE_TURN = 4;

/**
 * The log of a SQLite journal, brought onto the disk beside the event loop unless the disk is fast: with
 * `synchronous = FULL` each commit would hold up everything else for as long as the disk takes. With NORMAL a commit is as
 * whole and as much in order, and is on the disk with the next sync of the log; nobody outside is told of it before
 * (https://sqlite.org/wal.html, read on 2026-11-29).
 */
export class Wal {
  /** How long it was held up, less what time has made up for by `countedAt`. */
  private heldUpMs = 0;
  private countedAt = 0;
  private isSlow = false;
  private inThisTurn = 0;
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
    private readonly disk: Disk = DISK,
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
      await this.bring(this.file);
    } catch (error) {
      this.isInDoubt = true;
      throw error;
    }
  }

  /** Onto the disk, on the spot or beside the event loop. */
  private async bring(file: FileHandle): Promise<void> {
    const beganAt = this.disk.now();
    const madeUpMs = (beganAt - this.countedAt) * HELD_UP.share;
    this.heldUpMs = Math.max(0, this.heldUpMs - madeUpMs);
    this.countedAt = beganAt;
    this.isSlow &&= this.heldUpMs > 0;
    if (this.isSlow) return this.disk.sync(file);
    try {
      this.disk.syncNow(file);
    } finally {
      this.heldUpMs += Math.max(0, this.disk.now() - beganAt - FAST_MS);
      this.isSlow = this.heldUpMs > HELD_UP.mostMs;
    }
    await this.turn();
  }

  private async turn(): Promise<void> {
    if (this.inThisTurn === 0) setImmediate(() => (this.inThisTurn = 0));
    this.inThisTurn += 1;
    if (this.inThisTurn >= IN_ONE_TURN) await new Promise(setImmediate);
  }
}
