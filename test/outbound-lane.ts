import type { Change, Gate, Lane, OutboundWork } from '../src/domain/journal.js';
import { Settings } from '../src/domain/settings.js';
import type { Circumstances, Done } from '../src/use-cases/done.js';
import { GiveUpOutbound } from '../src/use-cases/give-up-outbound.js';
import { RouteOutbound } from '../src/use-cases/route-outbound.js';
import { aLine, anOutbound, arrivals, LINE } from './builders.js';
import type { HandAlarm } from './fakes/alarm.ts';
import { FakeMessenger } from './fakes/messenger.js';
import type { WatchedJournal } from './fakes/watched-journal.ts';
import { openMemoryJournal, type MemoryJournal } from './memory-journal.ts';
import { around } from './works.ts';

const MESSENGER: Gate = { line: LINE, upstream: 'messenger' };

/** One manager's message at a time, worked by hand: what the dispatcher does, without its haste. */
export class OutboundLane {
  readonly line = aLine();
  readonly useCase: RouteOutbound;

  private constructor(
    private readonly memory: MemoryJournal,
    readonly messenger: FakeMessenger,
    settings: Settings,
  ) {
    this.useCase = new RouteOutbound(
      messenger,
      memory.journal,
      new GiveUpOutbound(settings),
      settings,
    );
  }

  /** @param make a messenger on the lane's clock */
  static async open(
    make: (now: () => Date) => FakeMessenger = (now) => new FakeMessenger(now),
    settings = new Settings(),
  ): Promise<OutboundLane> {
    const memory = await openMemoryJournal();
    return new OutboundLane(
      memory,
      make(() => memory.alarm.date()),
      settings,
    );
  }

  get alarm(): HandAlarm {
    return this.memory.alarm;
  }

  get journal(): WatchedJournal {
    return this.memory.journal;
  }

  async accept(...given: Parameters<typeof anOutbound>): Promise<void> {
    await this.journal.accept(arrivals(anOutbound(...given)));
  }

  /** The first message that waits, as it is read; none where nothing is due. */
  async take(): Promise<[Lane, OutboundWork] | undefined> {
    const [lane] = await this.journal.claim([MESSENGER], 1);
    if (!lane) return undefined;
    const [works] = await this.journal.read([lane], 1);
    const [work] = works ?? [];
    return work?.kind === 'outbound' ? [lane, work] : undefined;
  }

  /** Works the first message once and writes down what came of it. */
  async work(of: Partial<Circumstances> = {}): Promise<Done> {
    const taken = await this.take();
    if (!taken) throw new Error('nothing is due');
    const [lane, work] = taken;
    const now = this.alarm.date();
    const done = await this.useCase.execute(work, this.line, around({ now, ...of }));
    const changes: Change[] = [...done.changes];
    if (done.attempt) {
      changes.push({ type: 'attempt', attempt: { ...done.attempt, at: now, durationMs: 3 } });
    }
    const release = done.next === 'go-on' ? { afterMs: 0 } : done.next;
    await this.journal.settle(lane, changes, release);
    return done;
  }

  /** Lets the time pass that the last work asked for, and works again. */
  async workAfter({ next }: Done, of: Partial<Circumstances> = {}): Promise<Done> {
    await this.alarm.pass(next === 'go-on' ? 0 : next.afterMs);
    return this.work(of);
  }

  /** The ends of tries so far; `open` is one that was begun. */
  async attempts(): Promise<string[]> {
    const { db } = this.memory.database;
    const rows = await db.selectFrom('attempt').select('outcome').orderBy('id').execute();
    return rows.map(({ outcome }) => outcome);
  }

  /** Each message: its state, and why it failed. */
  async messages(): Promise<string[]> {
    const { db } = this.memory.database;
    const rows = await db.selectFrom('message').select(['state', 'reason']).orderBy('id').execute();
    return rows.map(({ state, reason }) => {
      const key = reason === null ? '' : ` ${(JSON.parse(reason) as { key: string }).key}`;
      return `${state}${key}`;
    });
  }

  /** The way each part is bound to. */
  async ways(): Promise<unknown[]> {
    const { db } = this.memory.database;
    const rows = await db.selectFrom('part').select('route').orderBy('id').execute();
    return rows.map(({ route }) => (route === null ? undefined : (JSON.parse(route) as unknown)));
  }

  async close(): Promise<void> {
    await this.journal.close();
  }
}
