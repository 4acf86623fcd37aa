import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** How often the log is looked at. The same pages are written again and again, and go to the file once each time. */
const EVERY_MS = 1_000;

/** Less than that is nothing: 4 MB, which a thread of 10 MB is not begun for. */
const LEAST_BYTES = 1_000 * 4_096;

/** 64 MB: with a log that never comes to rest, an end is made to it there. A start after a crash reads all of it. */
const MOST_PAGES = 16_000;

/** What is written during one pass is left for `restart`; after a pass so long it is much, and another pass goes first. */
const LONG_PASS_MS = 50;
const PASSES = 3;

/** With a header and a checksum each. */
const PAGE_BYTES = 4_096 + 24;

/**
 * Brings the log of a SQLite journal into its file on a thread of its own. SQLite does so in the middle of some commit,
 * and the event loop waits for thousands of writes and two syncs: 20 ms and more, several times a second under load.
 */
export class Checkpoints {
  private readonly timer: NodeJS.Timeout;
  private thread: Worker | undefined;
  private isBusy = false;
  private beganAt = 0;
  private passes = 0;

  /**
   * @param file of the journal
   * @param restart brings the rest of the log into the file, and has it written from its beginning again; may throw
   */
  constructor(
    private readonly file: string,
    private readonly restart: () => void,
    everyMs = EVERY_MS,
    private readonly mostPages = MOST_PAGES,
  ) {
    this.timer = setInterval(() => void this.look(), everyMs).unref();
  }

  /** A thread that holds the file open would leave the log to the next start. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    const { thread } = this;
    if (!thread) return;
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    // Nothing else may be alive by now, and the process would end in the middle of this.
    thread.ref();
    thread.postMessage('end');
    await ended;
  }

  /** @returns whether there was enough in the log to have it brought into the file */
  look(): boolean {
    if (this.isBusy || this.logBytes() < LEAST_BYTES) return false;
    this.isBusy = true;
    this.passes = 0;
    try {
      this.thread ??= this.begin();
      this.pass(this.thread);
    } catch {
      this.isBusy = false;
      this.withoutThread();
    }
    return true;
  }

  private pass(thread: Worker): void {
    this.passes += 1;
    this.beganAt = performance.now();
    thread.postMessage('checkpoint');
  }

  private begin(): Worker {
    const own = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const thread = new Worker(new URL(`./checkpoint.thread.${own}`, import.meta.url), {
      workerData: this.file,
      // What the process was started with is not for this file.
      execArgv: [],
    });
    thread.on('message', (done: { readonly log: number } | undefined) => this.ended(thread, done));
    thread.on('error', () => this.withoutThread());
    thread.on('exit', () => {
      this.thread = undefined;
      this.isBusy = false;
    });
    thread.unref();
    return thread;
  }

  private ended(thread: Worker, done: { readonly log: number } | undefined): void {
    if (!done) this.withoutThread();
    else if (done.log >= this.mostPages) {
      const tookMs = performance.now() - this.beganAt;
      if (tookMs > LONG_PASS_MS && this.passes < PASSES) return this.pass(thread);
      this.tryRestart();
    }
    this.isBusy = false;
  }

  /** It could not begin, or open the file, or write: the log is not to grow without end for that. */
  private withoutThread(): void {
    if (this.logBytes() >= this.mostPages * PAGE_BYTES) this.tryRestart();
  }

  private tryRestart(): void {
    try {
      this.restart();
    } catch {
      // A backup reads in it, or the disk is full, of which every commit tells: it is tried again in a second.
    }
  }

  /** 0 where it cannot be told: then commits cannot go there either, and say so. */
  private logBytes(): number {
    try {
      return statSync(`${this.file}-wal`).size;
    } catch {
      return 0;
    }
  }
}
