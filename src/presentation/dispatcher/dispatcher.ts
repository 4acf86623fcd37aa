import { plainError } from '../plain-error.js';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { JournalUnavailable } from '../../domain/errors.js';
import { Journal, type Lane, type Upstream, type Work } from '../../domain/journal.js';
import { Lines, type Line } from '../../domain/line.js';
import { Settings } from '../../domain/settings.js';
import { BLOCKED_MS } from '../../use-cases/give-up-outbound.js';
import { Alarm } from './alarm.js';
import { Connections } from './connections.js';
import type { UpstreamGate } from './gate.js';
import { Gates } from './gates.js';
import { LANE_WORKS, LaneWorker } from './lane-worker.js';
import { Lease } from './lease.js';

/** How often lanes are looked for that nobody announced: of dead processes, and of others' back-offs. */
const POLL_MS = 1_000;

/** How often messages are looked for that have waited too long. */
const OVERDUE_MS = 5_000;
const OVERDUE_LANES = 500;

/** A due time lies on the journal's clock, in whole milliseconds; a timer may be a little early. */
const EARLY_MS = 2;

/** The longest try, so the longest wait for those under way at the end. */
const LAST_ATTEMPTS_MS = 7_000;

/** A line whose gate lets lanes through. */
interface Opened {
  readonly line: Line;
  readonly gate: UpstreamGate;
  readonly room: number;
}

const UPSTREAMS: readonly Upstream[] = ['crm', 'messenger'];

/** Whether lanes are worked at all: commands look at the journal without touching what waits in it. */
export class DispatcherMode {
  constructor(readonly value: 'at work' | 'at rest') {}
}

/**
 * Takes due lanes and has them worked, many at once, each upstream within its own slots. A driver, like a
 * controller: it decides when something is tried, never what.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Dispatcher.name);
  private readonly running: Record<Upstream, Set<Promise<void>>> = {
    crm: new Set(),
    messenger: new Set(),
  };
  private readonly claiming: Record<Upstream, 'idle' | 'busy' | 'again'> = {
    crm: 'idle',
    messenger: 'idle',
  };
  private readonly waitedFor = new Set<UpstreamGate>();
  /** Whether the last claim left lanes where they are, for want of slots or behind a gate, that a free slot may take. */
  private readonly isLeft: Record<Upstream, boolean> = { crm: true, messenger: true };
  private first = 0;
  private stopping = false;
  private stopped = false;
  private paused = true;

  constructor(
    private readonly journal: Journal,
    private readonly lines: Lines,
    private readonly worker: LaneWorker,
    private readonly gates: Gates,
    private readonly lease: Lease,
    private readonly alarm: Alarm,
    private readonly settings: Settings,
    private readonly connections: Connections,
    private readonly mode: DispatcherMode,
  ) {}

  onApplicationBootstrap(): void {
    if (this.mode.value === 'at rest') return;
    this.paused = false;
    this.lease.keep();
    this.every(POLL_MS, () => this.wake());
    this.every(OVERDUE_MS, () => void this.expireOverdue());
    this.connections.begin(() => this.wake());
    for (const line of this.lines.all) void this.connections.connect(line);
    this.wake();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** No lane is begun any more; those under way end, while webhooks go on being accepted. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.connections.end();
    const all = [...this.running.crm, ...this.running.messenger];
    await Promise.race([Promise.allSettled(all), this.alarm.wait(LAST_ATTEMPTS_MS)]);
    this.lease.end();
    this.stopped = true;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** Nothing is under way any more, and nothing will be. */
  get hasStopped(): boolean {
    return this.stopped;
  }

  /** Lines that are new, or not what they were: their channels are connected, and what was refused is tried again. */
  renew(lines: readonly Line[]): void {
    if (this.stopping || this.paused) return;
    for (const line of lines) {
      for (const upstream of UPSTREAMS) this.gates.of(line, upstream).reopen();
      void this.connections.connect(line);
    }
  }

  /** Something may be due. */
  wake(upstreams: readonly Upstream[] = UPSTREAMS): void {
    for (const upstream of upstreams) void this.claimAll(upstream);
  }

  private async claimAll(upstream: Upstream): Promise<void> {
    if (this.stopping || this.paused) return;
    if (this.claiming[upstream] !== 'idle') {
      this.claiming[upstream] = 'again';
      return;
    }
    do {
      this.claiming[upstream] = 'busy';
      // Slots come free many at once, when what came of their tries is committed: one claim is for all of them.
      await new Promise(setImmediate);
      if (!this.stopping) await this.claim(upstream);
    } while ((this.claiming[upstream] as string) === 'again' && !this.stopping);
    this.claiming[upstream] = 'idle';
  }

  /** Each time from the next one on, so that no line's queue takes every slot that comes free. */
  private inTurn(): readonly Line[] {
    const { all } = this.lines;
    this.first = (this.first + 1) % Math.max(1, all.length);
    return [...all.slice(this.first), ...all.slice(0, this.first)];
  }

  private async claim(upstream: Upstream): Promise<void> {
    this.isLeft[upstream] = true;
    if (this.free(upstream) < 1) return;
    const open = this.inTurn().flatMap((line) => this.opened(upstream, line) ?? []);
    if (open.length === 0) return;
    const isFull = await this.take(upstream, open, this.free(upstream));
    if (isFull) this.claiming[upstream] = 'again';
    else this.isLeft[upstream] = open.length < this.lines.all.length;
  }

  /** The line with the room behind its gate; nothing where none may be claimed there now. */
  private opened(upstream: Upstream, line: Line): Opened | undefined {
    if (upstream === 'crm' && !this.gates.triedToConnect(line.key)) return undefined;
    const gate = this.gates.of(line, upstream);
    const room = this.lease.covers() ? gate.room(this.free(upstream)) : 0;
    if (room < 1) {
      this.waitFor(gate);
      return undefined;
    }
    gate.probe();
    if (upstream !== 'crm' || !gate.blocked) return { line, gate, room };
    this.startToConnect(line);
    return undefined;
  }

  private free(upstream: Upstream): number {
    return this.settings.concurrency - this.running[upstream].size;
  }

  /** Beside the claims of other lines: one that is slow to answer is no reason for others to wait. */
  private startToConnect(line: Line): void {
    // Its end is no reason to claim anew: where it took nothing, the next one would find the same.
    const slot = this.connectAndTake(line).finally(() => this.running.crm.delete(slot));
    this.running.crm.add(slot);
  }

  private async connectAndTake(line: Line): Promise<void> {
    const gate = this.gates.of(line, 'crm');
    if (await this.connections.reconnect(line))
      await this.take('crm', [{ line, gate, room: 1 }], 1);
  }

  /**
   * Has their lanes worked, and what nothing is due behind probed no more. Throws never.
   * @returns whether there may be more
   */
  private async take(upstream: Upstream, open: readonly Opened[], most: number): Promise<boolean> {
    const claimed = await this.claimed(upstream, open, most);
    const lanes = claimed ?? [];
    const works = lanes.length > 0 ? await this.read(lanes) : [];
    const byLine = Map.groupBy(
      lanes.map((lane, i) => ({ lane, works: works?.[i] })),
      ({ lane }) => lane.line,
    );
    let isFull = lanes.length >= most;
    for (const { line, gate, room } of open) {
      const some = byLine.get(line.key) ?? [];
      if (some.length === 0) {
        if (claimed && lanes.length < most) gate.nothingDue();
        else gate.probeEnded();
      }
      if (some.length >= room) isFull = true;
      for (const { lane, works: own } of some) {
        this.start(upstream, gate, this.workOne(lane, own, line, upstream));
      }
    }
    return isFull;
  }

  /** Undefined where the journal could not say. */
  private async claimed(
    upstream: Upstream,
    open: readonly Opened[],
    most: number,
  ): Promise<readonly Lane[] | undefined> {
    try {
      const gates = open.map(({ line, room }) => ({ line: line.key, upstream, room }));
      return await this.journal.claim(gates, most);
    } catch (error) {
      this.notClaimed(error);
      return undefined;
    }
  }

  /** The next poll tries again. That the journal is away, the lease says once in 3 s. */
  private notClaimed(error: unknown): void {
    if (error instanceof JournalUnavailable) return;
    this.logger.error({ msg: 'nothing could be claimed', error: plainError(error) });
  }

  /** One timer a gate, however often it is found shut meanwhile. */
  private waitFor(gate: UpstreamGate): void {
    const ms = gate.nextRoomMs;
    if (ms === undefined || this.waitedFor.has(gate)) return;
    this.waitedFor.add(gate);
    this.alarm.after(ms + EARLY_MS, () => {
      this.waitedFor.delete(gate);
      this.wake();
    });
  }

  private async workOne(
    lane: Lane,
    works: readonly Work[] | undefined,
    line: Line,
    upstream: Upstream,
  ): Promise<void> {
    const gate = this.gates.of(line, upstream);
    try {
      const againMs = await this.worker.work(lane, works, line, gate, () => this.stopping);
      if (againMs !== undefined) this.alarm.after(againMs + EARLY_MS, () => this.wake());
    } finally {
      // However it ended: a gate that went on waiting for its probe would never open.
      gate.probeEnded();
    }
  }

  private start(upstream: Upstream, gate: UpstreamGate, work: Promise<void>): void {
    const slots = this.running[upstream];
    const slot = work
      .catch((error: unknown) =>
        this.logger.error({ msg: 'a lane was left', error: plainError(error) }),
      )
      .finally(() => {
        slots.delete(slot);
        // Where the last claim took all there was, whatever is new since has woken or will wake by itself.
        if (this.isLeft[upstream] || gate.state !== 'open') void this.claimAll(upstream);
      });
    slots.add(slot);
  }

  /** Lanes that are ours are not left lying because they could not be read: their workers go on trying. */
  private async read(lanes: readonly Lane[]): Promise<readonly (readonly Work[])[] | undefined> {
    try {
      return await this.journal.read(lanes, LANE_WORKS);
    } catch {
      return undefined;
    }
  }

  /** Messages behind a shut gate are not tried, but they do not wait for ever either. */
  private async expireOverdue(): Promise<void> {
    if (this.stopping) return;
    for (const line of this.lines.all) {
      const gate = this.gates.of(line, 'messenger');
      if (gate.state === 'probing') continue;
      const waitedMs = gate.mayGiveUp ? BLOCKED_MS : this.settings.outboundTtlMs;
      try {
        const lanes = await this.journal.claimOverdue(line.key, waitedMs, OVERDUE_LANES);
        const works = await this.read(lanes);
        lanes.forEach((lane, i) => {
          const end = this.worker.expire(lane, works?.[i], gate).then(() => this.wake());
          this.start('messenger', gate, end);
        });
      } catch (error) {
        this.notClaimed(error);
      }
    }
  }

  private every(ms: number, call: () => void): void {
    this.alarm.after(ms, () => {
      if (this.stopping) return;
      call();
      this.every(ms, call);
    });
  }
}
