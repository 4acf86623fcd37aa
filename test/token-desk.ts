import { AccessEvents, type AccessEvent } from '../src/domain/crm-access.js';
import type { Line } from '../src/domain/line.js';
import { Settings } from '../src/domain/settings.js';
import { AmocrmAccounts } from '../src/infrastructure/amocrm/amocrm.accounts.js';
import { AmocrmOauth, Integration } from '../src/infrastructure/amocrm/amocrm.oauth.js';
import { Pause } from '../src/infrastructure/amocrm/amocrm.rest.js';
import { AmocrmTokens } from '../src/infrastructure/amocrm/amocrm.tokens.js';
import { Clock } from '../src/infrastructure/clock.js';
import { Http } from '../src/infrastructure/http.js';
import { JournalClock } from '../src/infrastructure/journal/clock.js';
import { openDatabase, type Database } from '../src/infrastructure/journal/database.js';
import { OauthTokens } from '../src/infrastructure/journal/oauth-tokens.js';
import { SharedPace } from '../src/infrastructure/journal/shared-pace.js';
import { LineBook } from '../src/line-book.js';
import type { LineSettings } from '../src/line-settings.js';
import { ACCOUNT_ID, aLine } from './builders.js';
import { Upstream } from './upstream.js';

export const SECRET_KEY = 'spec-secret-key-of-32-characters';
export const INTEGRATION = {
  consentUrl: 'https://www.amocrm.test/oauth',
  clientId: '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a210',
  clientSecret: 'Qm3vT9sLx2',
  redirectUri: 'https://bridge.example.test/oauth/amocrm/callback',
  secretKey: SECRET_KEY,
};

/** Time that stands still: what is waited for is over at once, and moves the clock if it is told to. */
export class NoPause extends Pause {
  readonly waits: number[] = [];
  during: (ms: number) => void | Promise<void> = () => undefined;

  override async wait(ms: number): Promise<void> {
    this.waits.push(ms);
    await this.during(ms);
  }
}

/** One process that has tokens, in front of an account that answers what a spec tells it to. */
export class TokenDesk {
  ms = 0;
  readonly events: AccessEvent[] = [];
  readonly pause = new NoPause();
  tokens!: AmocrmTokens;
  oauth!: AmocrmOauth;
  accounts!: AmocrmAccounts;
  store!: OauthTokens;
  line!: Line;

  private constructor(
    readonly upstream: Upstream,
    readonly database: Database,
  ) {}

  /** @param url of a journal; one in memory, with a clock of its own, where it is left out */
  static async open(url?: string): Promise<TokenDesk> {
    const upstream = await Upstream.start();
    let desk: TokenDesk | undefined = undefined;
    const clock = new JournalClock(
      () => 1_700_000_000_000,
      () => desk?.ms ?? 0,
    );
    const database = await openDatabase(url ?? 'file::memory:', clock);
    desk = new TokenDesk(upstream, database);
    await desk.begin();
    return desk;
  }

  /** Another process on the same journal, in front of the same account. */
  async another(url: string): Promise<TokenDesk> {
    const desk = new TokenDesk(this.upstream, await openDatabase(url));
    await desk.begin();
    return desk;
  }

  /**
   * The process starts, or starts anew, perhaps with other settings.
   * @param secretKey empty where the settings name no integration
   */
  async begin(crm: LineSettings['crm'] = {}, secretKey = SECRET_KEY): Promise<void> {
    const { edna, amo } = aLine();
    const settings = { edna, amo, crm: { baseUrl: this.upstream.url, ...crm } };
    const book = await LineBook.open({ lines: [settings] }, () => Promise.resolve(ACCOUNT_ID));
    const [line] = book.lines.all;
    if (!line) throw new Error('there is no line');
    this.line = line;
    const events = new AccessEvents();
    events.listen((event) => this.events.push(event));
    const http = new Http(new Settings(), new Clock());
    const integration = new Integration(secretKey ? { ...INTEGRATION, secretKey } : undefined);
    this.oauth = new AmocrmOauth(http, integration, book.lines);
    this.store = new OauthTokens(this.database);
    const { store, pause } = this;
    this.tokens = new AmocrmTokens(this.oauth, store, book, integration, events, pause);
    const pace = new SharedPace(this.database);
    this.accounts = new AmocrmAccounts(http, this.tokens, pause, pace);
  }

  get host(): string {
    return new URL(this.upstream.url).host;
  }

  /** Access as a consent gives it. */
  async connect(expiresInMs = 86_400_000): Promise<void> {
    await this.tokens.keep({
      accountId: ACCOUNT_ID,
      accountNumber: '31990077',
      host: this.host,
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresInMs,
    });
    this.events.length = 0;
  }

  /** Requests that changed tokens. */
  get changes() {
    return this.upstream.got.filter(({ path }) => path === '/oauth2/access_token');
  }

  get heard(): string[] {
    return this.events.map(({ event }) => event);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.upstream.stop();
  }
}

/** amoCRM's answer with a new pair. */
export function aPair(n: number, expires_in = 86_400) {
  return {
    body: {
      token_type: 'Bearer',
      expires_in,
      server_time: 1_772_529_400,
      access_token: `access-${n}`,
      refresh_token: `refresh-${n}`,
    },
  };
}

/** amoCRM's refusal, as it is documented. */
export function aRefusal(hint: string, status: 400 | 401 = 401) {
  return { status, body: { hint, title: 'Некорректный запрос', status, detail: 'Не так' } };
}
