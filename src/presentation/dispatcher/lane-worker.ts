import { plainError } from '../plain-error.js';
import { Injectable, Logger } from '@nestjs/common';
import { JournalUnavailable } from '../../domain/errors.js';
import { Journal, type Attempt, type Lane, type Release, type Work } from '../../domain/journal.js';
import type { Line } from '../../domain/line.js';
import { GiveUpOutbound } from '../../use-cases/give-up-outbound.js';
import { POISON_MS, type Circumstances, type Done } from '../../use-cases/done.js';
import { RouteInbound } from '../../use-cases/route-inbound.js';
import { RouteOutbound } from '../../use-cases/route-outbound.js';
import { SyncStatus } from '../../use-cases/sync-status.js';
import { Alarm } from './alarm.js';
import { AttemptLog } from './attempt-log.js';
import type { UpstreamGate } from './gate.js';
import { Lease } from './lease.js';

/** The most one claim does to a lane, so that a long one does not keep others waiting. */
export const LANE_WORKS = 20;
const LANE_MS = 5_000;

/** Fewer tries prove nothing about a message, however long it waited between them. */
const POISON_TRIES = 3;

/** How long a settle that failed waits for its next try. */
const SETTLE_AGAIN_MS = { first: 100, most: 5_000 };

/** Works one lane: its messages in order, the next one only after what came of the last one is committed. */
@Injectable()
export class LaneWorker {
  private readonly logger = new Logger(LaneWorker.name);

  constructor(
    private readonly journal: Journal,
    private readonly routeInbound: RouteInbound,
    private readonly routeOutbound: RouteOutbound,
    private readonly syncStatus: SyncStatus,
    private readonly giveUp: GiveUpOutbound,
    private readonly lease: Lease,
    private readonly alarm: Alarm,
    private readonly log: AttemptLog,
  ) {}

  /**
   * @param first what was read of the lane with the claim; none where that failed
   * @returns in how many ms the lane wants to be looked at again; undefined when it is empty or not ours any more
   */
  async work(
    lane: Lane,
    first: readonly Work[] | undefined,
    line: Line,
    gate: UpstreamGate,
    isStopping: () => boolean,
  ): Promise<number | undefined> {
    const beganAt = this.alarm.now();
    let works = first ?? (await this.read(lane));
    for (let done = 0; ;) {
      // Work that was not read is left in the lane, whatever the lane's own count says.
      const all = works.length < LANE_WORKS;
      for (const [i, work] of works.entries()) {
        await gate.turn();
        const isLong = i + done > 0 && this.alarm.now() - beganAt >= LANE_MS;
        if (isLong || isStopping() || !this.lease.covers() || gate.state === 'shut') {
          gate.probeEnded();
          return this.giveBack(lane, [], { afterMs: 0 });
        }
        const result = await this.one(work, lane, line, gate);
        const isLast = i === works.length - 1;
        const release = releaseOf(result, isLast && all);
        const end = await this.settle(lane, result, release);
        if (end === 'lost') return undefined;
        if (end === 'released')
          return release && 'afterMs' in release ? release.afterMs : undefined;
      }
      done += works.length;
      if (works.length === 0) {
        const end = await this.settle(lane, undefined, { until: 'next-accept' });
        if (end !== 'more') return undefined;
      }
      if (done >= LANE_WORKS || this.alarm.now() - beganAt >= LANE_MS) {
        return this.giveBack(lane, [], { afterMs: 0 });
      }
      works = await this.read(lane);
    }
  }

  /** Of a lane behind a shut gate: fails what has waited too long, without a request. */
  async expire(
    lane: Lane,
    first: readonly Work[] | undefined,
    gate: UpstreamGate,
  ): Promise<number | undefined> {
    for (const work of first ?? (await this.read(lane))) {
      const blocked = gate.mayGiveUp ? gate.blocked : undefined;
      const done = work.kind === 'outbound' ? this.giveUp.execute(work, { blocked }) : undefined;
      if (!done) break;
      this.log.gaveUp(work, done);
      if ((await this.settle(lane, done, undefined)) === 'lost') return undefined;
    }
    return this.giveBack(lane, [], { afterMs: 0 });
  }

  private async one(work: Work, lane: Lane, line: Line, gate: UpstreamGate): Promise<Done> {
    const at = this.alarm.date();
    const beganAt = this.alarm.now();
    const result = await this.execute(work, line, this.around(work, lane, gate));
    const durationMs = this.alarm.now() - beganAt;
    const { fault, attempt } = result;
    const name = `${lane.conversation}/${lane.kind}`;
    // A no to the message is an answer too, unless it is our own: a sticker is refused without a request.
    const isTaken = attempt?.outcome === 'taken';
    const isAnswered = isTaken || fault?.details.httpStatus !== undefined;
    const isOfUpstream = fault && fault.outcome !== 'rejected' && !fault.details.concernsChannel;
    if (isOfUpstream) gate.failed(name, fault);
    else if (isAnswered) gate.passed(name, beganAt, isTaken);
    else gate.probeEnded();
    const timed: Attempt | undefined = attempt && { ...attempt, at, durationMs };
    this.log.one(work, result, timed);
    return timed
      ? { ...result, changes: [...result.changes, { type: 'attempt', attempt: timed }] }
      : result;
  }

  private async execute(work: Work, line: Line, around: Circumstances): Promise<Done> {
    try {
      if (work.kind === 'inbound') return await this.routeInbound.execute(work, line, around);
      if (work.kind === 'outbound') return await this.routeOutbound.execute(work, line, around);
      return await this.syncStatus.execute(work, line, around);
    } catch (error) {
      if (!(error instanceof JournalUnavailable)) {
        this.logger.error({
          msg: 'a use case threw',
          message: work.messageId,
          error: plainError(error),
        });
      }
      return { changes: [], next: { afterMs: 1_000 } };
    }
  }

  private around(work: Work, lane: Lane, gate: UpstreamGate): Circumstances {
    const failingMs = work.age.failingMs;
    return {
      now: this.alarm.date(),
      jitter: this.alarm.random(),
      othersPass:
        work.tries >= POISON_TRIES &&
        failingMs !== undefined &&
        gate.tookOthers(`${lane.conversation}/${lane.kind}`, POISON_MS),
      blocked: gate.blocked,
      mayBegin: () => this.lease.covers(),
    };
  }

  private giveBack(
    lane: Lane,
    changes: Done['changes'],
    release: Release & { afterMs: number },
  ): Promise<number> {
    return this.settle(lane, { changes, next: 'go-on' }, release).then(() => release.afterMs);
  }

  /** What happened is not forgotten because the disk is full: it is written when it can be, and the lane waits. */
  private async settle(lane: Lane, result: Done | undefined, release: Release | undefined) {
    const changes = result?.changes ?? [];
    if (changes.length === 0 && !release) return undefined;
    for (let wait = SETTLE_AGAIN_MS.first; ; wait = Math.min(SETTLE_AGAIN_MS.most, wait * 2)) {
      try {
        return await this.journal.settle(lane, changes, release);
      } catch (error) {
        this.logger.error({
          msg: 'not settled, will be repeated',
          lane: lane.conversation,
          error: plainError(error),
        });
        await this.alarm.wait(wait);
      }
    }
  }

  private async read(lane: Lane): Promise<readonly Work[]> {
    for (let wait = SETTLE_AGAIN_MS.first; ; wait = Math.min(SETTLE_AGAIN_MS.most, wait * 2)) {
      try {
        return (await this.journal.read([lane], LANE_WORKS))[0] ?? [];
      } catch {
        await this.alarm.wait(wait);
      }
    }
  }
}

function releaseOf({ next }: Done, isLast: boolean): Release | undefined {
  if (next !== 'go-on') return next;
  return isLast ? { until: 'next-accept' } : undefined;
}
