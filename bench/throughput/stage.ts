import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Bridge, type BridgeOptions } from './bridge.ts';
import { Helper } from './errand.ts';
import type { Load, Order, Posted } from './generator.ts';
import type { Side } from './hooks.ts';
import type { Run } from './rounds.ts';
import type { Manner, Taken } from './upstream.ts';

export interface StageOptions {
  /** On a file system that really syncs. */
  readonly folder: string;
  readonly rounds: number;
  /** A tenth of everything: to see that it runs, not to measure. */
  readonly isQuick: boolean;
}

/** What happened to messages that were posted. */
export type Routed = Run<'perSecond' | 'cpuMs' | 'p50Ms' | 'p99Ms'>;

/** Time for what was posted to reach the other side; a bridge that takes longer has lost something. */
const ARRIVE_MS = 60_000;

/** The upstream and the generator, and bridges between them. */
export class Stage {
  readonly folder: string;
  readonly rounds: { readonly rounds: number; readonly warmUps: number };
  readonly #scale: number;
  readonly #generator: Helper;
  readonly #upstream: Helper;
  readonly #upstreamPort: number;
  readonly #bridges = new Set<Bridge>();
  #next = 1;

  private constructor(
    { rounds, isQuick, folder }: StageOptions,
    generator: Helper,
    upstream: Helper,
    upstreamPort: number,
  ) {
    this.folder = mkdtempSync(join(folder, 'bench-'));
    this.rounds = { rounds, warmUps: isQuick ? 0 : 2 };
    this.#scale = isQuick ? 0.1 : 1;
    this.#generator = generator;
    this.#upstream = upstream;
    this.#upstreamPort = upstreamPort;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const beside = (name: string) => Helper.start(join(import.meta.dirname, name));
    const upstream = beside('upstream.ts');
    return new Stage(options, beside('generator.ts'), upstream, await upstream.ask('port'));
  }

  /** Ends everything it started. */
  async close(): Promise<void> {
    await this.clear();
    await Promise.all([this.#generator.end(), this.#upstream.end()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends the bridges. */
  async clear(): Promise<void> {
    for (const bridge of this.#bridges) await this.remove(bridge);
  }

  async start(options: Omit<BridgeOptions, 'upstreamPort' | 'folder'> = {}): Promise<Bridge> {
    const { folder } = this;
    const bridge = await Bridge.start({ upstreamPort: this.#upstreamPort, folder, ...options });
    this.#bridges.add(bridge);
    return bridge;
  }

  async remove(bridge: Bridge, signal?: NodeJS.Signals): Promise<void> {
    this.#bridges.delete(bridge);
    await bridge.remove(signal);
  }

  /** So many, or fewer where it is not meant to measure. */
  some(count: number): number {
    return Math.ceil(count * this.#scale);
  }

  async behave(manner: Manner): Promise<void> {
    await this.#upstream.ask('behave', manner);
  }

  /** Posts messages that nobody had before, and waits for the answers. @throws {Error} where one is refused */
  async post(
    order: Omit<Order, 'first'>,
    load: Omit<Load, 'ports'>,
    ...bridges: readonly Bridge[]
  ): Promise<Posted> {
    const first = this.#next;
    this.#next += order.count;
    await this.#generator.ask('prepare', { ...order, first });
    const ports = bridges.map(({ port }) => port);
    const posted = await this.#generator.ask<Posted>('post', { ...load, ports });
    if (posted.refused > 0) throw new Error(`${posted.refused} webhooks were refused`);
    return posted;
  }

  /** Until the upstream has so many since it was told its manner. @throws {Error} where they do not come */
  async arrived(count: number): Promise<Taken> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        void this.taken().then((taken) =>
          reject(new Error(`${taken.count} of ${count} messages have arrived`)),
        );
      }, ARRIVE_MS);
    });
    try {
      return await Promise.race([this.#upstream.ask<Taken>('taken', count), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  taken(): Promise<Taken> {
    return this.#upstream.ask('soFar');
  }

  /** How many webhooks a second are answered, whatever becomes of them. */
  async accept(
    bridge: Bridge,
    { connections, forMs }: { readonly connections: number; readonly forMs: number },
    manner?: Manner,
  ): Promise<Routed> {
    return this.#measured(manner ?? {}, [bridge], async () => {
      const order = { side: 'manager', count: this.some(forMs * 12) } as const;
      const posted = await this.post(order, { connections, forMs: this.some(forMs) }, bridge);
      if (manner) await this.arrived(posted.answered);
      return { posted, count: posted.answered, wallMs: posted.wallMs };
    });
  }

  /** Posts so many at a rate to what passes nothing on. */
  async answer(
    bridge: Bridge,
    { count: whole, perSecond }: { readonly count: number; readonly perSecond: number },
  ): Promise<Routed> {
    const count = this.some(whole);
    return this.#measured({}, [bridge], async () => {
      const order = { side: 'manager', count } as const;
      const posted = await this.post(order, { connections: 64, perSecond }, bridge);
      return { posted, count, wallMs: posted.wallMs };
    });
  }

  /** Posts so many, as fast as the answers allow or at a rate, and counts until the last has reached the upstream. */
  async route(
    bridges: readonly Bridge[],
    {
      connections = 64,
      count: whole,
      side = 'manager',
      perSecond,
    }: {
      readonly connections?: number;
      readonly count: number;
      readonly side?: Side;
      readonly perSecond?: number;
    },
    manner: Manner = {},
  ): Promise<Routed> {
    const count = this.some(whole);
    return this.#measured(manner, bridges, async () => {
      const posted = await this.post({ side, count }, { connections, perSecond }, ...bridges);
      const { lastAt } = await this.arrived(count);
      return { posted, count, wallMs: lastAt - posted.beganAt };
    });
  }

  async #measured(
    manner: Manner,
    bridges: readonly Bridge[],
    run: () => Promise<{ posted: Posted; count: number; wallMs: number }>,
  ): Promise<Routed> {
    await this.behave(manner);
    const used = async () => {
      const all = await Promise.all(bridges.map((bridge) => bridge.usage()));
      return all.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    };
    const upstreamUsed = () => this.#upstream.ask<{ cpuMs: number }>('usage');
    const [before, upstreamBefore] = [await used(), await upstreamUsed()];
    const { posted, count, wallMs } = await run();
    const upstreamCpuMs = (await upstreamUsed()).cpuMs - upstreamBefore.cpuMs;
    const cpuMs = ((await used()) - before) / count;
    const { p50Ms, p99Ms } = posted;
    return {
      measured: { perSecond: (count / wallMs) * 1e3, cpuMs, p50Ms, p99Ms },
      busiest: Math.max(posted.cpuMs / posted.wallMs, upstreamCpuMs / wallMs),
    };
  }
}
