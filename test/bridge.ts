import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { sql } from 'kysely';
import { AppModule } from '../src/app.module.js';
import { Pause } from '../src/infrastructure/amocrm/amocrm.rest.js';
import { HttpLimits } from '../src/infrastructure/http.js';
import { JournalClock } from '../src/infrastructure/journal/clock.js';
import { openDatabase } from '../src/infrastructure/journal/database.js';
import { MediaLimits } from '../src/infrastructure/media/media-limits.js';
import { Alarm } from '../src/presentation/dispatcher/alarm.js';
import { prepareApp, rereadLines } from '../src/serve.js';
import { PATIENCE_MS } from '../sandbox/changes.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';
import {
  fastDatabase,
  freshDatabase,
  freshFile,
  type FastDatabase,
  type FreshDatabase,
} from './fresh-database.js';
import { STORE } from './spec-store.js';

/** Time for the dispatcher and SQLite's journal runs so many times faster in end-to-end specs. */
export const SPEED = 20;

/** Requests that get no answer end after this, in real time: longer than a busy machine stalls. */
const TIMEOUT_MS = 1_000;

type Environment = Readonly<Record<string, string>>;

export interface BridgeOptions {
  /** Of the spec's choice; PostgreSQL's own clock, and with it the dispatcher's, runs as fast as any then. */
  readonly store?: 'sqlite' | 'postgres';
  /** Settings beside those that lead to the sandbox. */
  readonly environment?: Environment | ((sandbox: Sandbox) => Environment);
  readonly sandbox?: SandboxOptions;
  /** The text of a file of lines, in place of the one line that the sandbox's settings describe. */
  readonly lines?: (sandbox: Sandbox) => string;
  /** Other companies at the same bridge; they are closed with it. */
  readonly others?: readonly Sandbox[];
}

/** What operators' requests carry where a file has the lines. */
export const ADMIN_TOKEN = 'spec-admin-token';

/** The real app on a free port, between the twins. */
export class Bridge {
  app!: NestExpressApplication;
  url!: string;

  private constructor(
    readonly sandbox: Sandbox,
    readonly settings: Readonly<Record<string, string>>,
    private readonly isFast: boolean,
    private readonly others: readonly Sandbox[],
    private readonly opened: Opened,
  ) {}

  static async start(options: BridgeOptions = {}): Promise<Bridge> {
    const isFast = options.store !== 'postgres';
    const sandbox = await startSandbox({
      ...options.sandbox,
      // amoCRM counts by its own clock what the bridge spreads over its own.
      amojo: { restPerSecond: isFast ? 7 * SPEED : 7, ...options.sandbox?.amojo },
    });
    const opened = await openFor(options.store);
    const bridge = new Bridge(
      sandbox,
      {
        ...(options.lines ? withLines(options.lines(sandbox)) : sandbox.environment()),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'silent',
        DATABASE_URL: opened.url,
        EDNA_RATE_PER_SECOND: '0',
        AMOJO_RATE_PER_SECOND: '0',
        RETRY_MAX_SECONDS: isFast ? '10' : '1',
        ...environmentOf(options, sandbox),
      },
      isFast,
      options.others ?? [],
      opened,
    );
    await bridge.begin();
    return bridge;
  }

  /** Ends in good order and starts again on the same journal. */
  async restart(environment?: Readonly<Record<string, string>>): Promise<void> {
    await this.pause();
    await this.begin(environment);
  }

  /** Ends in good order; `begin` starts it again at the same address. */
  async pause(): Promise<void> {
    await this.app.close();
  }

  async stop(): Promise<void> {
    await this.app.close();
    await Promise.all([this.sandbox, ...this.others].map((one) => one.close()));
    const { LINES_FILE } = this.settings;
    if (LINES_FILE !== undefined) rmSync(dirname(LINES_FILE), { recursive: true, force: true });
    await this.opened.drop();
  }

  /**
   * Resolves once the bridge of one line knows that its channel is connected. The twin knows it before: with an answer
   * that comes too late, the bridge connects once more while a spec is about something else.
   */
  async connected(): Promise<void> {
    let said = '';
    for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
      const { body } = await this.sandbox.post(`${this.url}/health/ready`, { method: 'GET' });
      said = body.toString();
      if (said.includes('"amocrmConnected":true')) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the channel is not connected: ${said}`);
  }

  /** The journal's clock jumps ahead. */
  async leap(ms: number): Promise<void> {
    const clock = this.app.get(JournalClock);
    clock.resume({ journalMs: clock.now() + ms, wallMs: Date.now() });
    await this.opened.leap?.(ms);
  }

  /** Changes the journal of a bridge that is paused, by SQL. @throws where it is not so many rows */
  async change(statement: string, rows: number): Promise<void> {
    const database = await openDatabase(this.settings['DATABASE_URL'] ?? '');
    const { numAffectedRows } = await sql.raw(statement).execute(database.db);
    await database.close();
    if (numAffectedRows !== BigInt(rows)) throw new Error(`${numAffectedRows} rows are changed`);
  }

  /** Writes the file of lines and has it read, as SIGHUP does. @throws where it is not whole */
  async reload(lines: string): Promise<void> {
    this.write(lines);
    await rereadLines(this.app);
  }

  /** Like `restart`, and requests without an answer end after this time. */
  async restartPatiently(timeoutMs: number, environment?: Environment): Promise<void> {
    await this.pause();
    await this.begin(environment, timeoutMs);
  }

  /** Writes the file of lines, for the next start. */
  write(lines: string): void {
    writeFileSync(this.settings['LINES_FILE'] ?? '', lines);
  }

  async begin(environment?: Environment, timeoutMs = TIMEOUT_MS): Promise<void> {
    let builder = Test.createTestingModule({
      imports: [await AppModule.with({ ...this.settings, ...environment })],
    })
      .overrideProvider(HttpLimits)
      .useValue(new HttpLimits({ timeoutMs }))
      .overrideProvider(MediaLimits)
      .useValue(new MediaLimits({ storeMs: TIMEOUT_MS, idleMs: 2 * TIMEOUT_MS }));
    if (this.isFast) {
      builder = builder
        .overrideProvider(Alarm)
        .useValue(new FastAlarm())
        .overrideProvider(Pause)
        .useValue(new FastPause())
        .overrideProvider(JournalClock)
        .useValue(new JournalClock(Date.now, () => performance.now() * SPEED));
    }
    const module = await builder.compile();
    this.app = prepareApp(module.createNestApplication({ bodyParser: false, logger: false }));
    await this.app.listen(this.url === undefined ? 0 : new URL(this.url).port, '127.0.0.1');
    this.url = (await this.app.getUrl()).replace('[::1]', '127.0.0.1');
    for (const one of [this.sandbox, ...this.others]) one.pointAt(this.url);
  }
}

/** Access to REST v4 of the twin's account. */
export function withRest({ amojo }: Sandbox): Environment {
  return { AMOCRM_BASE_URL: amojo.server.url, AMOCRM_TOKEN: amojo.settings.restToken };
}

export function environmentOf({ environment }: BridgeOptions, sandbox: Sandbox): Environment {
  return typeof environment === 'function' ? environment(sandbox) : (environment ?? {});
}

class FastAlarm extends Alarm {
  override now(): number {
    return performance.now() * SPEED;
  }

  override after(ms: number, call: () => void): { cancel(): void } {
    return super.after(ms / SPEED, call);
  }
}

function withLines(text: string): Record<string, string> {
  const file = join(mkdtempSync(join(tmpdir(), 'bridge-lines-')), 'lines.yaml');
  writeFileSync(file, text);
  return { LINES_FILE: file, ADMIN_TOKEN };
}

class FastPause extends Pause {
  override wait(ms: number): Promise<void> {
    return super.wait(ms / SPEED);
  }
}

async function sqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-e2e-'));
  return {
    url: `file:${await freshFile(folder)}`,
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function openFor(store: BridgeOptions['store']): Promise<Opened> {
  if (store === 'postgres') return freshDatabase();
  if (store === undefined && STORE === 'postgres') return fastDatabase(SPEED);
  return sqlite();
}

type Opened = FreshDatabase & Partial<FastDatabase>;
