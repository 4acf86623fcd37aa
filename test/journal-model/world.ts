import { JournalUnavailable } from '../../src/domain/errors.js';
import type { SourceId } from '../../src/domain/ids.js';
import type {
  Change,
  Filed,
  Gate,
  Lane,
  OutboundWork,
  Release,
  Released,
  Work,
} from '../../src/domain/journal.js';
import type { DeliveryStatus } from '../../src/domain/delivery-status.js';
import type { Route } from '../../src/domain/ports.js';
import { aReceipt, arrivals, LINE, requestIdsOf } from '../builders.js';
import { inbound, type Draft } from './drafts.ts';
import type { ModelStore, Process } from './stores.ts';
import { changesOf, isDone, type End } from './tries.ts';
import { rankOf, Truth, type TrueMessage, type TruePart } from './truth.ts';

const CRM: Gate = { line: LINE, upstream: 'crm' };
const MESSENGER: Gate = { line: LINE, upstream: 'messenger' };

export const GATES = { crm: [CRM], messenger: [MESSENGER], both: [CRM, MESSENGER] } as const;

const ROUTES: Readonly<Record<'drops repeats' | 'doubles repeats', Route>> = {
  'drops repeats': { dialect: 'cascade', dropsRepeats: true, cascadeId: '9026' },
  'doubles repeats': { dialect: 'simple', dropsRepeats: false },
};

export const CHATS = 2;
const MOST_LANES = 100;
const MOST_WORKS = 5;
/** Longer than any lane is put off. */
export const LATER_MS = 61_000;
const OVERDUE_MS = 30_000;

interface Member {
  readonly process: Process;
  isAlive: boolean;
  /** A claim of its may have been committed whose answer it never got. */
  doubts: boolean;
}

/** A lane that a process works, and how far it is. */
interface Holding {
  readonly owner: Member;
  readonly lane: Lane;
  works: readonly Work[];
  /** Whether more is left in the lane than was read. */
  isAll: boolean;
  /** What has happened and is not written yet. */
  pending?: { readonly changes: readonly Change[]; readonly release?: Release };
}

/** The journal beside what it is to hold. Every step does the same to both, and compares them. */
export class World {
  readonly truth = new Truth();
  readonly members: Member[] = [];
  /** What was received and is not filed yet, in order. */
  inbox: { readonly draft: Draft; readonly receivedMs: number }[] = [];
  holdings: Holding[] = [];
  /** What the dead had sent and not written down. */
  late: Holding[] = [];
  private readonly chats = new Map<number, number>();
  private readonly partNumbers = new Map<number, number>();
  private readonly seen = new Map<string, { status: number; reported: number }>();
  private meanwhile = 0;
  private readonly putOff = new Set<string>();
  /** What the CRM was told of each message, in order. */
  private readonly told = new Map<string, DeliveryStatus[]>();

  private constructor(private readonly store: ModelStore) {}

  /** With the chats of all clients known, which managers write to. */
  static async begin(store: ModelStore): Promise<World> {
    const world = new World(store);
    await world.join();
    for (let chat = 0; chat < CHATS; chat += 1) await world.accept([inbound(chat, 'first')], false);
    const rows = await store.database.db
      .selectFrom('conversation')
      .select(['id', 'address'])
      .execute();
    for (const { id, address } of rows) world.chats.set(id, Number(address.at(-1)));
    return world;
  }

  get alive(): readonly Member[] {
    return this.members.filter(({ isAlive }) => isAlive);
  }

  /** By managers. */
  get written(): readonly TrueMessage[] {
    return [...this.truth.messages.values()].filter(({ direction }) => direction === 'outbound');
  }

  get mostProcesses(): number {
    return this.store.mostProcesses;
  }

  async join(): Promise<void> {
    const process = await this.store.open();
    const joined = { process, isAlive: true, doubts: false };
    this.members.push(joined);
    await process.journal.renew();
  }

  /** A process dies where it stands; another one sees it and frees its lanes. */
  async die(which: number): Promise<void> {
    const member = pick(this.alive, which);
    await member.process.die();
    member.isAlive = false;
    const [its, others] = split(this.holdings, ({ owner }) => owner === member);
    this.holdings = others;
    // A report may be under way to the CRM, and the next one is not to overtake it.
    for (const { lane } of its) if (lane.kind === 'status') this.putOff.add(keyOf(lane));
    if (member.doubts) {
      for (const conversation of this.chats.keys()) this.putOff.add(`${conversation}/status`);
    }
    this.late.push(...its.filter(({ pending }) => pending !== undefined));
    if (this.alive.length === 0) await this.join();
    else await pick(this.alive, 0).process.journal.renew();
  }

  async pass(ms: number): Promise<void> {
    this.truth.nowMs += ms;
    await this.store.pass(ms);
    if (ms >= LATER_MS) this.putOff.clear();
  }

  /** @param isLost it is committed, and whoever posted it is told that it was not: it is posted again */
  async accept(messages: readonly Draft[], isLost: boolean, which = 0): Promise<void> {
    const { journal } = pick(this.alive, which).process;
    if (isLost) {
      journal.loseNext('accept');
      const lost = journal.accept(arrivals(...messages.map(({ event }) => event)));
      await expect(lost).rejects.toThrow(JournalUnavailable);
      for (const { message, parts } of messages) this.truth.accept(message, parts);
    }
    const filed = await journal.accept(arrivals(...messages.map(({ event }) => event)));
    const expected = messages.map(({ message, parts }) => this.truth.accept(message, parts));
    expect(filed).toEqual(expected satisfies readonly Filed[]);
  }

  /** @param isLost it is kept, and whoever posted it is told that it was not: it is posted again */
  async receive(messages: readonly Draft[], isLost: boolean, which: number): Promise<void> {
    const { journal } = pick(this.alive, which).process;
    const receive = () =>
      journal.receive(arrivals(...messages.map(({ event }) => event)), () => undefined);
    const kept = messages.map((draft) => ({ draft, receivedMs: this.truth.nowMs }));
    if (isLost) {
      journal.loseNext('receive');
      await expect(receive()).rejects.toThrow(JournalUnavailable);
      this.inbox.push(...kept);
    }
    await receive();
    this.inbox.push(...kept);
  }

  /** Everything that was received, by whoever it was received. */
  async file(which: number, isLost: boolean): Promise<void> {
    const { journal } = pick(this.alive, which).process;
    const expected = this.inbox.map(({ draft, receivedMs }) =>
      this.truth.accept(draft.message, draft.parts, receivedMs),
    );
    this.inbox = [];
    if (isLost) {
      journal.loseNext('file');
      await expect(journal.file()).rejects.toThrow(JournalUnavailable);
    }
    const filed: Filed[] = [];
    for (let isMore = true; isMore;) {
      const some = await journal.file();
      filed.push(...some.filed.map((one) => one.filed));
      isMore = some.isMore;
    }
    expect(filed).toEqual(expected.slice(expected.length - filed.length));
    if (!isLost) expect(filed).toHaveLength(expected.length);
  }

  /** Of any part of anything that a manager wrote, whether or not it was sent. */
  async receipt(of: number, which: number, status: DeliveryStatus): Promise<void> {
    const { key, parts } = pick(this.written, of);
    const part = which % parts.length;
    const requestId = requestIdsOf(key as SourceId, part + 1)[part];
    const receipt = aReceipt('', status, { requestId });
    const filed = await pick(this.alive, which).process.journal.accept(arrivals(receipt));
    expect(filed).toEqual(['new']);
    this.truth.receipt(key, part, status);
  }

  /** One lane goes on by a message, as it does on a good day. */
  async goOn(gates: readonly Gate[], which: number): Promise<void> {
    await this.claim(gates, which, false);
    const idle = this.holdings.filter((one) => !isSettling(one));
    if (idle.length === 0) return;
    const holding = pick(idle, which);
    await this.attempt(idle.indexOf(holding), 'taken', 'drops repeats', false);
    await this.settle(this.holdings.filter(isSettling).indexOf(holding), false);
  }

  async claim(gates: readonly Gate[], which: number, isLost: boolean): Promise<void> {
    const owner = pick(this.alive, which);
    const { journal } = owner.process;
    if (isLost) {
      owner.doubts = true;
      journal.loseNext('claim');
      await expect(journal.claim(gates, MOST_LANES)).rejects.toThrow(JournalUnavailable);
      return;
    }
    const lanes = await journal.claim(gates, MOST_LANES);
    owner.doubts = false;
    await this.take(owner, lanes);
    if (this.members.some(({ doubts, isAlive }) => doubts && isAlive)) return;
    // What waits and was not put off is somebody's now.
    for (const conversation of this.chats.keys()) {
      for (const gate of gates) this.isHeld(conversation, gate);
    }
  }

  /** Everybody at once. */
  async claimTogether(gates: readonly Gate[]): Promise<void> {
    const claims = this.alive.map(async (owner) => {
      const lanes = await owner.process.journal.claim(gates, MOST_LANES);
      owner.doubts = false;
      return { owner, lanes };
    });
    for (const { owner, lanes } of await Promise.all(claims)) await this.take(owner, lanes);
  }

  /** Gives up what has waited too long, whoever wrote it. */
  async expire(which: number): Promise<void> {
    const owner = pick(this.alive, which);
    const lanes = await owner.process.journal.claimOverdue(LINE, OVERDUE_MS, MOST_LANES);
    await this.take(owner, lanes);
    const claimed = this.holdings.filter(({ lane }) => lanes.includes(lane));
    for (const holding of claimed) {
      const [first] = holding.works as readonly OutboundWork[];
      const part = first?.parts.find(({ state }) => state === 'waiting');
      const waited = first && this.messageOf(first);
      if (waited && this.truth.nowMs - waited.acceptedMs < OVERDUE_MS) {
        throw new Error(`${waited.key} has not waited for long`);
      }
      const { messageId = 0 } = first ?? {};
      const reason = { key: 'gave-up' } as const;
      holding.pending = {
        changes: part ? [{ type: 'outbound-failed', messageId, partId: part.id, reason }] : [],
        release: { afterMs: 0 },
      };
    }
  }

  /** The next message of a lane is tried; what came of it is not written yet. */
  async attempt(which: number, end: End, way: keyof typeof ROUTES, notice: boolean): Promise<void> {
    const idle = this.holdings.filter(({ pending }) => pending === undefined);
    const holding = pick(idle, which);
    const [work] = holding.works;
    if (work?.kind === 'outbound') {
      const part = work.parts.find(({ state }) => state === 'waiting');
      const { messageId, conversation } = work;
      const told = this.messageOf(work).parts[(part?.number ?? 0) - 1];
      if (part && told) {
        const about = { messageId, partId: part.id, conversation };
        await holding.owner.process.journal.begin(about, ROUTES[way]);
        if (way === 'doubles repeats') told.begun = true;
      }
    }
    // A mark that the CRM refuses for good is as good as told: nobody can do anything about it.
    if (work?.kind === 'status' && (end === 'taken' || end === 'rejected')) {
      this.tell(work.sourceId, work.status);
    }
    const changes = work ? changesOf(work, end, notice) : [];
    const isOver = !work || isDone(work, changes);
    const isLast = holding.works.length <= 1;
    const release: Release | undefined = !isOver
      ? { afterMs: end === 'not-sent' || end === 'unknown' ? LATER_MS - 1_000 : 0 }
      : !isLast
        ? undefined
        : holding.isAll
          ? { until: 'next-accept' }
          : { afterMs: 0 };
    holding.pending = { changes, release };
    holding.works = holding.works.slice(1);
  }

  /** @param isLost it is committed, and the process does not know: it says so again */
  async settle(which: number, isLost: boolean): Promise<void> {
    const holding = pick(this.holdings.filter(isSettling), which);
    const { changes = [], release } = holding.pending ?? {};
    delete holding.pending;
    const { journal } = holding.owner.process;
    if (isLost) {
      journal.loseNext('settle');
      const lost = journal.settle(holding.lane, changes, release);
      await expect(lost).rejects.toThrow(JournalUnavailable);
    }
    const end = await journal.settle(holding.lane, changes, release);
    for (const change of changes) this.apply(change);
    if (release === undefined) return;
    if (end === 'more') return this.reread(holding);
    expect(end satisfies Released | undefined).toBe('released');
    this.holdings = this.holdings.filter((one) => one !== holding);
    if ('until' in release) this.isEmpty(holding.lane);
    else if (release.afterMs > 0) this.putOff.add(keyOf(holding.lane));
  }

  /** A client writes at the moment at which a lane is given back; by another process, where there is one. */
  async settleMeanwhile(which: number): Promise<void> {
    const pending = this.holdings.filter((one) => isSettling(one) && !leavesNotice(one));
    if (pending.length === 0) return;
    const holding = pick(pending, which);
    const { changes = [], release } = holding.pending ?? {};
    delete holding.pending;
    this.meanwhile += 1;
    const chat = this.chats.get(holding.lane.conversation) ?? 0;
    const draft = inbound(chat, `meanwhile-${this.meanwhile}`);
    const [end, filed] = await Promise.all([
      holding.owner.process.journal.settle(holding.lane, changes, release),
      pick(this.alive, which).process.journal.accept(arrivals(draft.event)),
    ]);
    for (const change of changes) this.apply(change);
    expect(filed).toEqual([this.truth.accept(draft.message, draft.parts)]);
    if (release === undefined) return;
    if (end === 'more') return this.reread(holding);
    expect(end).toBe('released');
    this.holdings = this.holdings.filter((one) => one !== holding);
    if ('afterMs' in release && release.afterMs > 0) this.putOff.add(keyOf(holding.lane));
  }

  /** A process that was taken for dead writes down what it had done: that counts, and the lane is not its own. */
  async settleLate(which: number): Promise<void> {
    const holding = pick(this.late, which);
    this.late = this.late.filter((one) => one !== holding);
    const { changes = [], release } = holding.pending ?? {};
    const end = await holding.owner.process.journal.settle(holding.lane, changes, release);
    for (const change of changes) this.apply(change);
    expect(end).toBe(release === undefined ? undefined : 'lost');
  }

  /** The store holds what the truth says, and nothing that was known of a message is taken back. */
  async compare(): Promise<void> {
    const { db } = this.store.database;
    const rows = await db
      .selectFrom('message')
      .select(['source_id', 'state', 'status', 'reported_status'])
      .execute();
    const stored = rows.map(({ source_id: key, state, status, reported_status: reported }) => {
      this.climbs(key, status as DeliveryStatus | null, reported as DeliveryStatus | null);
      return [key, state, status ?? undefined, reported ?? undefined].join(' ');
    });
    const wanted = [...this.truth.messages.values()].map(({ key, state, status, reported }) =>
      [key, state, status, reported].join(' '),
    );
    expect(stored.toSorted()).toEqual(wanted.toSorted());
  }

  /** Everybody goes on until nothing is left; then everything has come to an end, and nobody holds anything. */
  async drain(): Promise<void> {
    for (let round = 0; round < 60; round += 1) {
      while (this.holdings.some(isSettling)) await this.settle(0, false);
      while (this.holdings.length > 0) {
        await this.attempt(0, 'taken', 'drops repeats', false);
        await this.settle(0, false);
      }
      await this.pass(LATER_MS);
      for (const [i] of this.alive.entries()) {
        await this.claim(GATES.both, i, false);
      }
      if (this.holdings.length === 0) break;
    }
    const open = [...this.truth.messages.values()].filter(({ state }) => state === 'waiting');
    expect(open.map(({ key }) => key)).toEqual([]);
    await this.compare();
    const { db } = this.store.database;
    const lanes = await db.selectFrom('lane').select(['kind', 'owner', 'due_at']).execute();
    expect(lanes.filter(({ owner, due_at }) => owner !== null || due_at !== null)).toEqual([]);
    for (const { key, status } of this.truth.messages.values()) this.endsTold(key, status);
  }

  private endsTold(key: string, status: DeliveryStatus | undefined): void {
    const told = this.told.get(key) ?? [];
    const climbing = told.toSorted((one, other) => rankOf(one) - rankOf(other));
    expect({ key, told }).toEqual({ key, told: climbing });
    if (rankOf(status) > 0) expect({ key, told: told.at(-1) }).toEqual({ key, told: status });
  }

  /** What the CRM hears from a living process is never lower than what it heard before. */
  private tell(key: string, status: DeliveryStatus): void {
    this.told.set(key, [...(this.told.get(key) ?? []), status]);
  }

  private climbs(key: string, status: DeliveryStatus | null, told: DeliveryStatus | null): void {
    const before = this.seen.get(key) ?? { status: -1, reported: -1 };
    const now = { status: rankOf(status ?? undefined), reported: rankOf(told ?? undefined) };
    if (now.status < before.status || now.reported < before.reported) {
      throw new Error(`${key} fell to ${status}, reported ${told}`);
    }
    this.seen.set(key, now);
  }

  private async take(owner: Member, lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) {
      const other = this.holdings.find((one) => isSame(one.lane, lane) && one.lane !== lane);
      if (other) throw new Error(`${lane.conversation}/${lane.kind} has two owners`);
      const holding: Holding = { owner, lane, works: [], isAll: true };
      this.holdings.push(holding);
      await this.reread(holding);
    }
  }

  private async reread(holding: Holding): Promise<void> {
    const { journal } = holding.owner.process;
    const [works = []] = await journal.read([holding.lane], MOST_WORKS);
    holding.works = works;
    holding.isAll = works.length < MOST_WORKS;
    for (const work of works) this.learn(work);
    expect(works.map((work) => nameOf(work))).toEqual(this.expectedIn(holding.lane));
  }

  private expectedIn({ conversation, kind }: Lane): readonly string[] {
    const chat = this.chats.get(conversation) ?? -1;
    if (kind === 'status') {
      const byNumber = new Map([...this.truth.numbers].map(([id, key]) => [key, id]));
      return this.truth
        .unreported(chat)
        .toSorted((one, other) => (byNumber.get(one.key) ?? 0) - (byNumber.get(other.key) ?? 0))
        .slice(0, MOST_WORKS)
        .map(({ key, status }) => `${key} ${status}`);
    }
    return this.truth
      .waiting(chat, kind)
      .slice(0, MOST_WORKS)
      .map(({ key, parts }) => `${key} ${parts.map(inWords).join(' ')}`);
  }

  private learn(work: Work): void {
    const key = work.kind === 'status' ? work.sourceId : work.message.sourceId;
    this.truth.numbers.set(work.messageId, key);
    if (work.kind !== 'outbound') return;
    for (const { id, number } of work.parts) this.partNumbers.set(id, number - 1);
  }

  private apply(change: Change): void {
    this.truth.apply(change, (id) => this.partNumbers.get(id) ?? -1);
  }

  private messageOf({ messageId }: Work): TrueMessage {
    const message = this.truth.messages.get(this.truth.numbers.get(messageId) ?? '');
    if (!message) throw new Error(`nobody wrote ${messageId}`);
    return message;
  }

  /** Nothing is left behind in a lane that was given back for good. */
  private isEmpty(lane: Lane): void {
    expect(this.expectedIn(lane)).toEqual([]);
  }

  /** Whoever was put off is due again by itself; whatever else waits behind a gate is claimed with it. */
  private isHeld(conversation: number, { upstream }: Gate): void {
    for (const kind of upstream === 'crm'
      ? (['inbound', 'status'] as const)
      : (['outbound'] as const)) {
      const lane = { conversation, kind } as Lane;
      if (this.putOff.has(keyOf(lane)) || this.expectedIn(lane).length === 0) continue;
      if (!this.holdings.some((one) => isSame(one.lane, lane))) {
        throw new Error(`${conversation}/${kind} waits and is nobody's`);
      }
    }
  }
}

function nameOf(work: Work): string {
  if (work.kind === 'status') return `${work.sourceId} ${work.status}`;
  const parts = work.kind === 'outbound' ? work.parts : [];
  return `${work.message.sourceId} ${parts.map(inWords).join(' ')}`;
}

function inWords({ state, status, begun }: Pick<TruePart, 'state' | 'status' | 'begun'>): string {
  return `${state}/${status ?? 'nothing'}${begun ? '/begun' : ''}`;
}

/** Something has happened that is not written yet. */
export function isSettling({ pending }: Pick<Holding, 'pending'>): boolean {
  return pending !== undefined;
}

function leavesNotice({ pending }: Holding): boolean {
  const changes = pending?.changes ?? [];
  return changes.some((change) => change.type === 'inbound-failed' && change.notice !== undefined);
}

function keyOf({ conversation, kind }: Lane): string {
  return `${conversation}/${kind}`;
}

function isSame(one: Lane, other: Lane): boolean {
  return keyOf(one) === keyOf(other);
}

function pick<T>(all: readonly T[], which: number): T {
  const picked = all[which % all.length];
  if (picked === undefined) throw new Error('there is none');
  return picked;
}

function split<T>(all: readonly T[], belongs: (one: T) => boolean): [T[], T[]] {
  return [all.filter(belongs), all.filter((one) => !belongs(one))];
}
