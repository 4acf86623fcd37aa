import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';

/* Processes of their own, and what is asked of them. */

interface Asked {
  readonly id: number;
  readonly errand: string;
  readonly details: unknown;
}

interface Answered {
  readonly id: number;
  readonly result?: unknown;
  readonly fault?: string;
}

/** A process beside this one that does errands. */
export class Helper {
  readonly process: ChildProcess;
  #last = 0;
  readonly #open = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (fault: Error) => void }
  >();

  private constructor(process: ChildProcess) {
    this.process = process;
    process.on('message', ({ id, result, fault }: Answered) => {
      const asked = this.#open.get(id);
      this.#open.delete(id);
      if (fault === undefined) asked?.resolve(result);
      else asked?.reject(new Error(fault));
    });
    process.once('exit', (code, signal) => {
      const fault = new Error(`a process of the bench ended: ${signal ?? code}`);
      for (const { reject } of this.#open.values()) reject(fault);
      this.#open.clear();
    });
  }

  /** @param options of the process; its output is dropped where they do not say otherwise */
  static start(file: string, words: readonly string[] = [], options: ForkOptions = {}): Helper {
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    return new Helper(fork(file, words, { stdio: [...stdio], execArgv: [], ...options }));
  }

  ask<Result>(errand: string, details?: unknown): Promise<Result> {
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#open.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.process.send({ id, errand, details } satisfies Asked, (fault) => {
        if (fault) reject(fault);
      });
    });
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await ended;
  }
}

/** In the process itself: does what is asked, by name. */
export function serveErrands(errands: Readonly<Record<string, (details: never) => unknown>>): void {
  process.on('message', (asked: Asked) => {
    const answer = (of: Omit<Answered, 'id'>) => process.send?.({ id: asked.id, ...of });
    Promise.resolve()
      .then(() => errands[asked.errand]?.(asked.details as never))
      .then(
        (result) => answer({ result }),
        (fault: unknown) => answer({ fault: String(fault) }),
      );
  });
}
