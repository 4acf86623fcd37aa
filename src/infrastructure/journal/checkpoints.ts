import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** How often the log is looked at. The same pages are written again and again, and go to the file once each time. */
const EVERY_MS = 1_000;

/** Less than that is nothing: 4 MB, which a thread of 10 MB is not begun for. */
const LEAST_BYTES = 1_000 * 4_096;

/** 64 MB: with a log that never comes to rest, an end is made to it there. A start after a crash reads all of it. */
const MOST_PAGES = 16_000;

/**
 * Brings the log of a SQLite journal into its file on a thread of its own. SQLite does so in the middle of some commit,
 * and the event loop waits for thousands of writes and two syncs: 20 ms and more, several times a second under load.
 */
export class Checkpoints {
  private readonly timer: NodeJS.Timeout;
  private thread: Worker | undefined;
  private isBusy = false;

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
    thread.postMessage('end');
    await ended;
  }

  /** @returns whether there was enough in the log to have it brought into the file */
  look(): boolean {
    if (this.isBusy || this.logBytes() < LEAST_BYTES) return false;
    this.isBusy = true;
    this.thread ??= this.begin();
    this.thread.postMessage('checkpoint');
    return true;
  }

  private begin(): Worker {
    const own = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const thread = new Worker(new URL(`./checkpoint.thread.${own}`, import.meta.url), {
      workerData: this.file,
    });
    thread.on('message', (done: { readonly log: number } | undefined) => this.ended(done?.log));
    // It could not open the file; the next look begins another one.
    thread.on('error', () => undefined);
    thread.on('exit', () => {
      this.thread = undefined;
      this.isBusy = false;
    });
    thread.unref();
    return thread;
  }

  private ended(pages = 0): void {
    if (pages >= this.mostPages) {
      try {
        this.restart();
      } catch {
        // Somebody reads in it: a backup. It is tried again in a second.
      }
    }
    this.isBusy = false;
  }

  private logBytes(): number {
    return statSync(`${this.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }
}
