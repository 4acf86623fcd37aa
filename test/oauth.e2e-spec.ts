import { execFileSync } from 'node:child_process';
import pg from 'pg';
import { Test } from '@nestjs/testing';
import { KeptLog } from './fakes/log.ts';
import { Bridge, type BridgeOptions } from './bridge.js';
import { STORE } from './spec-store.js';
import { AppModule } from '../src/app.module.js';
import { Lines } from '../src/domain/line.js';
import { AmocrmAccounts } from '../src/infrastructure/amocrm/amocrm.accounts.js';
import { disableSignature } from '../sandbox/amocrm/integration.ts';

const VERA = '79995550142';
const PUBLIC_URL = 'https://bridge.example.test';
const DAY_MS = 86_400_000;

let bridge: Bridge;
let others: (() => Promise<void>)[];

/** The bridge and an integration of the twin's that leads back to it. */
async function start(options: Omit<BridgeOptions, 'sandbox'> = {}): Promise<void> {
  const amojo = { connected: true, redirectUri: `${PUBLIC_URL}/oauth/amocrm/callback` };
  bridge = await Bridge.start({ ...options, sandbox: { amojo } });
  await bridge.restart(settings());
}

/** What an operator sets once the twin's addresses are known. */
function settings(): Record<string, string> {
  const { settings: amojo, server } = bridge.sandbox.amojo;
  return {
    PUBLIC_URL,
    AMOCRM_BASE_URL: server.url,
    AMOCRM_CLIENT_ID: amojo.integrationId,
    AMOCRM_CLIENT_SECRET: amojo.integrationSecret,
    AMOCRM_OAUTH_URL: `${server.url}/oauth`,
    SECRET_KEY: 'spec-secret-key-of-32-characters',
    LANGUAGE: 'en',
  };
}

beforeEach(() => {
  others = [];
});
afterEach(async () => {
  for (const end of others) await end();
  await bridge.stop();
});

interface Opened {
  readonly status: number;
  readonly text: string;
}

/** An administrator's browser: it follows redirects and has the bridge's cookie. */
class Browser {
  private cookie = '';

  /** amoCRM's page of consent, as the bridge leads to it. */
  async start(mode = ''): Promise<URL> {
    const answer = await fetch(`${bridge.url}/oauth/amocrm/start${mode && `?mode=${mode}`}`, {
      redirect: 'manual',
    });
    this.cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    return new URL(answer.headers.get('location') ?? '');
  }

  /** Where amoCRM leads back to, once the administrator has clicked. */
  async consent(page: URL): Promise<URL> {
    const answer = await fetch(page, { redirect: 'manual' });
    const target = new URL(answer.headers.get('location') ?? '');
    expect(target.href).toMatch(PUBLIC_URL);
    return target;
  }

  async open({ pathname, search }: URL): Promise<Opened> {
    const answer = await fetch(bridge.url + pathname + search, {
      headers: { cookie: this.cookie },
    });
    return { status: answer.status, text: await answer.text() };
  }

  async connect(): Promise<Opened> {
    return this.open(await this.consent(await this.start()));
  }
}

const account = (app = bridge.app) => {
  const [line] = app.get(Lines).all;
  return app.get(AmocrmAccounts).of(line!).call('GET', '/account?with=amojo_id');
};
const isOurs = () => ({ amojo_id: bridge.sandbox.amojo.settings.accountId });

async function oauth(): Promise<{ state: string; why?: string }> {
  const ready = await fetch(`${bridge.url}/health/ready`);
  const body = (await ready.json()) as { lines: { oauth: { state: string; why?: string } }[] };
  return body.lines[0]!.oauth;
}
const metric = async (event: string) => {
  const text = await (await fetch(`${bridge.url}/metrics`)).text();
  return Number(new RegExp(`oauth_total\\{event="${event}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
};
const exchanges = () =>
  bridge.sandbox
    .requests('access-token')
    .map(({ body }) => (body as { grant_type: string }).grant_type);

/** A message each way, with its ticks. */
async function chats(): Promise<void> {
  const { sandbox } = bridge;
  await sandbox.client(VERA).writes('Здравствуйте');
  await sandbox.until(() => sandbox.chat(VERA).messages.at(-1)?.text === 'Здравствуйте');
  const answer = await sandbox.manager.writes(VERA, 'Добрый день');
  await sandbox.until(() => answer.tick.state === 'read');
  expect(sandbox.ledger()).toMatchObject({ doubled: 0, outOfOrder: 0, missing: 0 });
}

/** What stands on the disk, the write-ahead log included; of PostgreSQL, every row of every table. */
async function onDisk(): Promise<string> {
  const url = bridge.settings['DATABASE_URL']!;
  if (STORE === 'postgres') {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(`select database_to_xml(true, false, '')::text as all`);
    await client.end();
    return String(rows[0]?.all);
  }
  const file = url.replace(/^file:/, '');
  return execFileSync('sh', ['-c', `cat "${file}" "${file}-wal"`], {
    maxBuffer: 64 * 1024 * 1024,
  }).toString('latin1');
}

describe('access by consent', () => {
  beforeEach(() => start());

  it('leads from the start over amoCRM to tokens that open the account', async () => {
    const log = KeptLog.begin();
    expect(await oauth()).toMatchObject({ state: 'none', why: expect.stringContaining('/start') });
    await expect(account()).rejects.toThrow('/oauth/amocrm/start');

    const browser = new Browser();
    const page = await browser.start('post_message');
    const ended = await browser.open(await browser.consent(page));
    expect(ended).toMatchObject({ status: 200, text: expect.stringContaining('Access given') });
    expect(ended.text).toContain(`event: 'connected'`);
    expect(await account()).toMatchObject(isOurs());
    expect(await oauth()).toEqual({ state: 'connected' });
    expect(await metric('connected')).toBe(1);
    expect(log.lines).toContainEqual({
      level: 'log',
      message: {
        msg: 'amocrm oauth',
        event: 'connected',
        account: new URL(bridge.sandbox.amojo.server.url).host,
      },
    });
    expect(log.text).not.toMatch(/eyJ|def502/);
    expect(bridge.sandbox.ledger().violations).toBe(0);
  });

  it('is kept over a restart, and on the disk only encrypted', async () => {
    await new Browser().connect();
    const [, sent] = bridge.sandbox.requests('account');
    await account();
    const token = String(bridge.sandbox.requests('account').at(-1)?.headers.authorization).slice(7);
    expect(sent).toBeUndefined();
    expect(token).toMatch(/^eyJ/);
    const disk = await onDisk();
    expect(disk).toContain('oauth_token');
    expect(disk).not.toContain(token);
    expect(disk).not.toContain(token.split('.')[1]);
    expect(disk).not.toContain('def502');
    await bridge.restart(settings());
    expect(await account()).toMatchObject(isOurs());
    expect(exchanges()).toEqual(['authorization_code']);
  });

  it('is renewed before it expires, and each refresh token is spent once', async () => {
    await new Browser().connect();
    for (const day of [1, 2, 3]) {
      await bridge.leap(DAY_MS);
      expect(await account()).toMatchObject(isOurs());
      expect(await metric('token-refreshed')).toBe(day);
    }
    expect(exchanges()).toEqual(['authorization_code', ...Array(3).fill('refresh_token')]);
    expect(bridge.sandbox.ledger().violations).toBe(0);
  });

  it('is renewed where amoCRM has forgotten the token before its time', async () => {
    await new Browser().connect();
    bridge.sandbox.amojo.faults.add({ kind: 'answer', status: 401, endpoint: 'account', times: 1 });
    expect(await account()).toMatchObject(isOurs());
    expect(exchanges()).toEqual(['authorization_code', 'refresh_token']);
  });

  it('that is refused shows as auth-failed, and messages pass both ways', async () => {
    await new Browser().connect();
    bridge.sandbox.change({ amojo: { oauthRefusal: 'revoked' } });
    await bridge.leap(DAY_MS);
    await expect(account()).rejects.toThrow('/oauth/amocrm/start');
    await expect(account()).rejects.toThrow('/oauth/amocrm/start');
    expect(await oauth()).toMatchObject({
      state: 'auth-failed',
      why: expect.stringContaining('/oauth/amocrm/start'),
    });
    expect(await metric('auth-failed')).toBe(1);
    await chats();

    bridge.sandbox.change({ amojo: { oauthRefusal: 'none' } });
    expect((await new Browser().connect()).status).toBe(200);
    expect(await account()).toMatchObject(isOurs());
  });

  it.each([
    ['unpaid', 'not paid'],
    ['blocked', 'support'],
  ] as const)(
    'whose renewal is %s loses nothing, and says what to do',
    async (oauthRefusal, words) => {
      await new Browser().connect();
      bridge.sandbox.change({ amojo: { oauthRefusal } });
      await bridge.leap(DAY_MS);
      await expect(account()).rejects.toThrow(words);
      expect(await oauth()).toMatchObject({ state: 'auth-failed' });
      await chats();
      bridge.sandbox.change({ amojo: { oauthRefusal: 'none' } });
      await bridge.leap(60_000);
      expect(await account()).toMatchObject(isOurs());
      expect(await oauth()).toEqual({ state: 'connected' });
    },
  );

  it('to an account that is not paid says so, and messages pass', async () => {
    await new Browser().connect();
    bridge.sandbox.change({ amojo: { isPaid: false } });
    await expect(account()).rejects.toThrow('402: the account is not paid');
    await chats();
  });

  it('is off once amoCRM says that the integration is, and comes back with a new consent', async () => {
    const { amojo } = bridge.sandbox;
    await new Browser().connect();
    amojo.settings.disableHookUrl = `${bridge.url}/oauth/amocrm/disabled`;
    expect(await amojo.integration.disable()).toMatchObject({ status: 200 });
    expect(await oauth()).toMatchObject({
      state: 'off',
      why: expect.stringContaining('switched off'),
    });
    expect(await metric('auth-failed')).toBe(1);
    const asked = bridge.sandbox.requests('account').length;
    await expect(account()).rejects.toThrow('switched off');
    expect(bridge.sandbox.requests('account')).toHaveLength(asked);

    await new Browser().connect();
    expect(await account()).toMatchObject(isOurs());
    expect(await oauth()).toEqual({ state: 'connected' });
  });

  it('is taken back by a hook that is well signed alone, and messages pass both ways', async () => {
    const { integrationId, integrationSecret, accountNumber } = bridge.sandbox.amojo.settings;
    await new Browser().connect();
    const hook = (signature: string) =>
      fetch(
        `${bridge.url}/oauth/amocrm/disabled?account_id=${accountNumber}&client_uuid=${integrationId}&signature=${signature}`,
      );
    expect((await hook('0'.repeat(64))).status).toBe(401);
    expect(await oauth()).toEqual({ state: 'connected' });
    const signature = disableSignature(integrationSecret, integrationId, accountNumber);
    expect((await hook(signature)).status).toBe(200);
    expect(await oauth()).toMatchObject({ state: 'off' });
    await chats();
  });

  it('comes with a widget that is installed, too', async () => {
    const redirect = `${bridge.url}/oauth/amocrm/callback`;
    expect(await bridge.sandbox.amojo.integration.install(undefined, redirect)).toMatchObject({
      status: 200,
    });
    expect(await account()).toMatchObject(isOurs());
  });

  it('cannot be read with another SECRET_KEY, which says so and stops nothing', async () => {
    await new Browser().connect();
    await bridge.restart({ ...settings(), SECRET_KEY: 'another-secret-key-of-32-characters' });
    expect(await oauth()).toMatchObject({
      state: 'auth-failed',
      why: expect.stringMatching('SECRET_KEY'),
    });
    await expect(account()).rejects.toThrow('SECRET_KEY');
    await chats();
    await bridge.restart(settings());
    expect(await account()).toMatchObject(isOurs());
  });
});

describe('a consent that is not one', () => {
  beforeEach(() => start());

  const nothingKept = async () => {
    expect(await oauth()).toMatchObject({ state: 'none' });
    expect(await metric('connected')).toBe(0);
  };

  it('with a forged state, or finished in another browser, keeps nothing', async () => {
    const browser = new Browser();
    const back = await browser.consent(await browser.start());
    expect((await new Browser().open(back)).status).toBe(400);
    back.searchParams.set('state', 'invented');
    expect((await browser.open(back)).text).toContain('not begun here');
    expect(exchanges()).toEqual([]);
    await nothingKept();
  });

  it('with a wrong code keeps nothing, and says why', async () => {
    const browser = new Browser();
    const back = await browser.consent(await browser.start());
    back.searchParams.set('code', 'invented');
    const { status, text } = await browser.open(back);
    expect({ status, text }).toMatchObject({
      status: 502,
      text: expect.stringContaining('amocrm answered 400'),
    });
    expect(await metric('consent-refused')).toBe(1);
    await nothingKept();
  });

  it('with codes that anybody invents speaks of no trouble where all is well', async () => {
    const { host } = new URL(bridge.sandbox.amojo.server.url);
    expect((await new Browser().connect()).status).toBe(200);
    const hook = `${bridge.url}/oauth/amocrm/callback?from_widget=1&code=x&referer=${host}`;
    for (let i = 0; i < 10; i += 1) expect((await fetch(hook)).status).toBe(502);
    expect((await fetch(hook)).status).toBe(429);
    expect(await metric('auth-failed')).toBe(0);
    expect(await oauth()).toEqual({ state: 'connected' });
    expect((await new Browser().connect()).status).toBe(200);
  });

  it('that the administrator refuses keeps nothing', async () => {
    bridge.sandbox.change({ amojo: { consent: 'refuse' } });
    const { status, text } = await new Browser().connect();
    expect({ status, text }).toMatchObject({
      status: 400,
      text: expect.stringContaining('You refused'),
    });
    expect(exchanges()).toEqual([]);
    await nothingKept();
  });

  it('of an account that no line is joined to keeps nothing', async () => {
    const accountId = '8d2f1c34-9b7e-4a05-8c61-3f5e0d7a9b12';
    bridge.sandbox.amojo.settings.moreAccounts = [
      { accountId, accountNumber: 31_990_088, subdomain: 'beta', restToken: 'token-of-beta' },
    ];
    const browser = new Browser();
    const page = await browser.start();
    page.searchParams.set('account', accountId);
    const { status, text } = await browser.open(await browser.consent(page));
    expect({ status, text }).toMatchObject({
      status: 403,
      text: expect.stringContaining('another account'),
    });
    await expect(account()).rejects.toThrow('/oauth/amocrm/start');
    await nothingKept();
  });

  it('that names a host of somebody else’s sends our secret nowhere', async () => {
    const browser = new Browser();
    const back = await browser.consent(await browser.start());
    back.searchParams.set('referer', new URL(bridge.sandbox.edna.server.url).host);
    expect((await browser.open(back)).status).toBe(403);
    expect(bridge.sandbox.requests('access-token')).toEqual([]);
    await nothingKept();
  });
});

describe('two replicas on PostgreSQL', () => {
  it('renew the access once, however many of them want to at the same time', async () => {
    await start({ store: 'postgres' });
    // The pace that replicas share has a spec of its own, and a busy machine is late with its turns.
    bridge.sandbox.amojo.settings.restPerSecond = 0;
    const url = bridge.settings['DATABASE_URL']!;
    const module = await Test.createTestingModule({
      imports: [await AppModule.with({ ...bridge.settings, ...settings() })],
    }).compile();
    const other = module.createNestApplication({ logger: false });
    await other.init();
    others.push(() => other.close());
    await new Browser().connect();
    expect(await account(other as typeof bridge.app)).toMatchObject(isOurs());

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const round of [1, 2, 3]) {
      await client.query('update oauth_token set refresh_at = 0, expires_at = 0');
      const all = [bridge.app, other as typeof bridge.app];
      const answers = await Promise.all([...all, ...all].map((app) => account(app)));
      expect(answers).toEqual(Array(4).fill(expect.objectContaining(isOurs())));
      expect(exchanges().filter((grant) => grant === 'refresh_token')).toHaveLength(round);
    }
    const { rows } = await client.query('select version, fault from oauth_token');
    expect(rows).toEqual([{ version: '3', fault: null }]);
    await client.end();
    expect(bridge.sandbox.ledger().violations).toBe(0);
  });
});
