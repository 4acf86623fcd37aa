import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { post } from '../../sandbox/post.ts';
import type { Parcel, PostAttempt } from '../../sandbox/outbox.ts';
import type { Siege } from './breakages/crowd.ts';

/** Within it an honest webhook has its answer, whoever else stands before the door. */
const LIMIT_MS = 1_000;
/** A machine on which a request to nobody but ourselves takes as long says nothing about the bridge. */
const VOID_MS = 500;
const PROBE_EVERY_MS = 200;

export interface AnswerTimes {
  readonly answers: number;
  readonly maxMs: number;
  /** Longer than a second, on a machine that had time. */
  readonly slow: number;
  /** Longer than a second, while a control request took long as well. */
  readonly isVoid: number;
  readonly controlMaxMs: number;
}

/** Asks a server of this process all the time: what that takes, the machine and this process take. */
export class Control {
  readonly #server: Server;
  readonly #seen: { readonly at: number; readonly ms: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#server = createServer((_, response) => response.end('ok'));
  }

  async begin(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#timer = setInterval(() => {
      const at = Date.now();
      void post(url).then(({ durationMs }) => this.#seen.push({ at, ms: durationMs }));
    }, PROBE_EVERY_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The longest of those that were under way between these two times. */
  maxBetween(fromAt: number, toAt: number): number {
    const meanwhile = this.#seen.filter(({ at, ms }) => at <= toAt && at + ms >= fromAt);
    return Math.max(0, ...meanwhile.map(({ ms }) => ms));
  }
}

/** How long honest webhooks waited for a 200 while strangers stood before the door. */
export function answerTimes(
  parcels: readonly Parcel[],
  sieges: readonly Siege[],
  control: Pick<Control, 'maxBetween'>,
): AnswerTimes {
  const meanwhile = parcels
    .flatMap(({ attempts }) => attempts)
    .filter(({ at, durationMs }) =>
      sieges.some(({ fromAt, toAt }) => at + durationMs >= fromAt && at <= toAt),
    );
  const late = meanwhile.filter(({ durationMs }) => durationMs > LIMIT_MS);
  const isExcused = ({ at, durationMs }: PostAttempt) =>
    control.maxBetween(at, at + durationMs) > VOID_MS;
  const excused = late.filter(isExcused).length;
  return {
    answers: meanwhile.length,
    maxMs: Math.max(0, ...meanwhile.map(({ durationMs }) => durationMs)),
    slow: late.length - excused,
    isVoid: excused,
    controlMaxMs: Math.max(
      0,
      ...sieges.map(({ fromAt, toAt }) => control.maxBetween(fromAt, toAt)),
    ),
  };
}
