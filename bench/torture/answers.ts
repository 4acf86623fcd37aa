import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { post } from '../../sandbox/post.ts';
import type { Parcel } from '../../sandbox/outbox.ts';

/** Within it an honest webhook has its answer, whoever else stands before the door. */
const LIMIT_MS = 1_000;
/** A siege in which the bridge was ready to work and got no processor for so much of the time says nothing about it. */
const STARVED = 0.25;
const PROBE_EVERY_MS = 200;

export interface AnswerTimes {
  readonly answers: number;
  readonly maxMs: number;
  /** Longer than a second, on a machine that had time. */
  readonly slow: number;
  /** Longer than a second, in a siege in which the bridge got no processor for too long. */
  readonly excused: number;
  /** The longest that a request to a server of this very process took meanwhile. */
  readonly controlMaxMs: number;
  /** The part of the time in which the bridge was ready to work and got no processor. */
  readonly starved: number;
}

/** A time, in milliseconds since 1970. */
interface Span {
  readonly fromAt: number;
  readonly toAt: number;
}

/**
 * What the machine takes of every answer: a server of this process is asked all the time, and Linux says how long the
 * bridge has waited for a processor.
 */
export class Control {
  readonly #server: Server;
  readonly #seen: { readonly at: number; readonly ms: number }[] = [];
  readonly #waited: { readonly at: number; readonly totalMs: number }[] = [];
  readonly #pids: () => readonly (number | undefined)[];
  #timer: NodeJS.Timeout | undefined;

  /** @param pids of the bridge's processes */
  constructor(pids: () => readonly (number | undefined)[]) {
    this.#pids = pids;
    this.#server = createServer((_, response) => response.end('ok'));
  }

  async begin(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#timer = setInterval(() => {
      const at = Date.now();
      const waits = this.#pids().map((pid) => waitedMs(pid));
      this.#waited.push({ at, totalMs: Math.max(0, ...waits) });
      void post(url).then(({ durationMs }) => this.#seen.push({ at, ms: durationMs }));
    }, PROBE_EVERY_MS);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The longest request that was under way in this time. */
  maxWithin({ fromAt, toAt }: Span): number {
    const meanwhile = this.#seen.filter(({ at, ms }) => at <= toAt && at + ms >= fromAt);
    return Math.max(0, ...meanwhile.map(({ ms }) => ms));
  }

  /** How much of this time the bridge waited for a processor, to the next probes around it. */
  starvedMs({ fromAt, toAt }: Span): number {
    const before = this.#waited.findLast(({ at }) => at <= fromAt);
    const after = this.#waited.find(({ at }) => at >= toAt) ?? this.#waited.at(-1);
    return Math.max(0, (after?.totalMs ?? 0) - (before?.totalMs ?? 0));
  }
}

/** Since it was started, its main thread; 0 where the system does not say. */
function waitedMs(pid: number | undefined): number {
  try {
    const [, waitedNs = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
    return waitedNs / 1e6;
  } catch {
    return 0;
  }
}

/** How long honest webhooks waited for a 200 while strangers stood before the door. */
export function answerTimes(
  parcels: readonly Parcel[],
  sieges: readonly Span[],
  control: Pick<Control, 'maxWithin' | 'starvedMs'>,
): AnswerTimes {
  const meanwhile = parcels
    .flatMap(({ attempts }) => attempts)
    .map(({ at, durationMs }) => ({ fromAt: at, toAt: at + durationMs, durationMs }))
    .filter((one) => sieges.some((siege) => overlap(one, siege)));
  const late = meanwhile.filter(({ durationMs }) => durationMs > LIMIT_MS);
  const isStarved = (siege: Span) => shareOf([siege], control) > STARVED;
  const excused = late.filter((one) =>
    sieges.some((siege) => overlap(one, siege) && isStarved(siege)),
  );
  return {
    answers: meanwhile.length,
    maxMs: Math.max(0, ...meanwhile.map(({ durationMs }) => durationMs)),
    slow: late.length - excused.length,
    excused: excused.length,
    controlMaxMs: Math.max(0, ...sieges.map((siege) => control.maxWithin(siege))),
    starved: shareOf(sieges, control),
  };
}

function overlap(one: Span, other: Span): boolean {
  return one.toAt >= other.fromAt && one.fromAt <= other.toAt;
}

function shareOf(sieges: readonly Span[], control: Pick<Control, 'starvedMs'>): number {
  const lengthMs = sieges.reduce((sum, { fromAt, toAt }) => sum + toAt - fromAt, 0);
  const starvedMs = sieges.reduce((sum, siege) => sum + control.starvedMs(siege), 0);
  return lengthMs > 0 ? starvedMs / lengthMs : 0;
}
