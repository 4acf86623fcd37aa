import { Logger } from '@nestjs/common';
import type { CrmContacts } from '../src/domain/contacts.js';
import type { DeliveryError } from '../src/domain/errors.js';
import type { Event } from '../src/domain/journal.js';
import { Lines, type Line } from '../src/domain/line.js';
import type { Message } from '../src/domain/message.js';
import { Settings } from '../src/domain/settings.js';
import { AttemptLog } from '../src/presentation/dispatcher/attempt-log.js';
import { Connections } from '../src/presentation/dispatcher/connections.js';
import { Dispatcher, DispatcherMode } from '../src/presentation/dispatcher/dispatcher.js';
import { Gates } from '../src/presentation/dispatcher/gates.js';
import { LaneWorker } from '../src/presentation/dispatcher/lane-worker.js';
import { Lease } from '../src/presentation/dispatcher/lease.js';
import { SqlStories } from '../src/infrastructure/journal/stories.js';
import { Meter } from '../src/presentation/meter.js';
import { ConnectChannel } from '../src/use-cases/connect-channel.js';
import { DisconnectChannel } from '../src/use-cases/disconnect-channel.js';
import { GiveUpOutbound } from '../src/use-cases/give-up-outbound.js';
import { LinkContact } from '../src/use-cases/link-contact.js';
import { RouteInbound } from '../src/use-cases/route-inbound.js';
import { RouteOutbound } from '../src/use-cases/route-outbound.js';
import { SyncStatus } from '../src/use-cases/sync-status.js';
import { aLine, arrivals } from './builders.js';
import type { HandAlarm } from './fakes/alarm.ts';
import { FakeCrmChat } from './fakes/crm-chat.js';
import { Door } from './fakes/door.ts';
import { FakeMessenger } from './fakes/messenger.js';
import { FakeSwitchedOff } from './fakes/switched-off.js';
import { openMemoryJournal, type MemoryJournal } from './memory-journal.ts';

/** Both sides may be slow, or refuse what a spec picks out. */
export class SlowCrm extends FakeCrmChat {
  readonly door = new Door();
  readonly connectDoor = new Door();
  /** What a message runs into each time it is tried. */
  refuses: (message: Message) => DeliveryError | undefined = () => undefined;
  /** What connecting runs into. */
  connecting?: Error;
  /** What disconnecting runs into, once. */
  disconnecting?: Error;
  alarm?: HandAlarm;
  takesMs = 0;

  override async connect(line: Line): Promise<void> {
    await this.connectDoor.pass();
    if (this.connecting) throw this.connecting;
    return super.connect(line);
  }

  override async disconnect(line: Line): Promise<void> {
    const { disconnecting } = this;
    delete this.disconnecting;
    if (disconnecting) throw disconnecting;
    return super.disconnect(line);
  }

  override async deliver(...given: Parameters<FakeCrmChat['deliver']>) {
    await this.door.pass();
    if (this.takesMs > 0) await this.alarm?.wait(this.takesMs);
    const refusal = this.refuses(given[0]);
    if (!refusal) return super.deliver(...given);
    this.calls.deliver += 1;
    throw refusal;
  }
}

export class SlowMessenger extends FakeMessenger {
  readonly door = new Door();

  override async send(...given: Parameters<FakeMessenger['send']>) {
    await this.door.pass();
    return super.send(...given);
  }
}

/** The dispatcher with everything it drives, between two fakes, on time that the spec moves. */
export class Dispatching {
  readonly line = aLine();
  /** One, until a spec replaces it by more. */
  readonly lines = new Lines([this.line]);
  readonly crm = new SlowCrm();
  readonly switchedOff = new FakeSwitchedOff();
  readonly messenger: SlowMessenger;
  readonly meter = new Meter();
  readonly gates: Gates;
  readonly lease: Lease;
  readonly worker: LaneWorker;
  readonly dispatcher: Dispatcher;
  readonly connections: Connections;

  private constructor(
    private readonly memory: MemoryJournal,
    given: Partial<Settings>,
    mode: DispatcherMode['value'],
    contacts?: (alarm: HandAlarm) => CrmContacts,
  ) {
    Logger.overrideLogger(false);
    const { alarm, journal } = memory;
    const settings = new Settings({ ednaRatePerSecond: 0, amojoRatePerSecond: 0, ...given });
    this.crm.alarm = alarm;
    this.messenger = new SlowMessenger(() => alarm.date());
    const linking =
      contacts &&
      new LinkContact(this.crm, contacts(alarm), new SqlStories(memory.database), this.lines);
    const giveUp = new GiveUpOutbound(settings);
    this.gates = new Gates(alarm, settings);
    this.lease = new Lease(journal, alarm);
    this.worker = new LaneWorker(
      journal,
      new RouteInbound(this.crm, settings, undefined, linking),
      new RouteOutbound(this.messenger, journal, giveUp, settings),
      new SyncStatus(this.crm, settings),
      giveUp,
      this.lease,
      alarm,
      new AttemptLog(this.meter),
    );
    this.connections = new Connections(
      this.lines,
      this.gates,
      alarm,
      new ConnectChannel(this.crm),
      new DisconnectChannel(this.crm, this.switchedOff),
      this.switchedOff,
    );
    this.dispatcher = new Dispatcher(
      journal,
      this.lines,
      this.worker,
      this.gates,
      this.lease,
      alarm,
      settings,
      this.connections,
      new DispatcherMode(mode),
    );
  }

  /** @param settings no rates, unless given @param contacts nobody is looked up, unless given */
  static async open(
    settings: Partial<Settings> = {},
    mode: DispatcherMode['value'] = 'at work',
    contacts?: (alarm: HandAlarm) => CrmContacts,
  ): Promise<Dispatching> {
    return new Dispatching(await openMemoryJournal(), settings, mode, contacts);
  }

  static async start(
    settings: Partial<Settings> = {},
    contacts?: (alarm: HandAlarm) => CrmContacts,
  ): Promise<Dispatching> {
    const all = await Dispatching.open(settings, 'at work', contacts);
    all.dispatcher.onApplicationBootstrap();
    await all.alarm.rest();
    return all;
  }

  get alarm() {
    return this.memory.alarm;
  }

  get journal() {
    return this.memory.journal;
  }

  /** As a webhook does it: files, then wakes; then everything that can goes on. */
  async accept(...events: Event[]): Promise<void> {
    await this.journal.accept(arrivals(...events));
    this.dispatcher.wake();
    await this.alarm.rest();
  }

  /** The ids (the side's own) of the client messages that stand in the CRM, in order. */
  get inCrm(): string[] {
    return this.crm.entries.map(({ message }) => message.sourceId.replace(/^edna:\w+:/, ''));
  }

  /** The ids of the manager messages that were sent, in order. */
  get sent(): string[] {
    return this.messenger.taken.map(({ dispatch }) => dispatch.messageId.replace(/^.*:/, ''));
  }

  /** Each message by its id on its side: its state, and why it failed. */
  async messages(): Promise<string[]> {
    const { db } = this.memory.database;
    const rows = await db
      .selectFrom('message')
      .select(['source_id', 'state', 'reason'])
      .orderBy('id')
      .execute();
    return rows.map(({ source_id, state, reason }) => {
      const key = reason === null ? '' : ` ${(JSON.parse(reason) as { key: string }).key}`;
      return `${source_id.replace(/^edna:\w+:|^amo:[^:]+:/, '')} ${state}${key}`;
    });
  }

  /** The ends of tries so far, in order. */
  async attempts(): Promise<string[]> {
    const { db } = this.memory.database;
    const rows = await db.selectFrom('attempt').select('outcome').orderBy('id').execute();
    return rows.map(({ outcome }) => outcome);
  }

  /** How many lanes somebody owns. */
  async owned(): Promise<number> {
    const { db } = this.memory.database;
    return (await db.selectFrom('lane').select('kind').where('owner', 'is not', null).execute())
      .length;
  }

  /** Lets go of whatever is held up, and ends. */
  async end(): Promise<void> {
    this.crm.door.open();
    this.messenger.door.open();
    for (const door of Object.values(this.journal.doors)) door.open();
    const stopped = this.dispatcher.beforeApplicationShutdown();
    await this.alarm.pass(10_000);
    await stopped;
    await this.journal.close();
  }
}
