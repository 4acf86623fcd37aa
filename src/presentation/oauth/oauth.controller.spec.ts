import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { aLine } from '../../../test/builders.js';
import { HandAlarm } from '../../../test/fakes/alarm.js';
import { FakeCrmAccess } from '../../../test/fakes/crm-access.js';
import { KeptLog } from '../../../test/fakes/log.js';
import { INTEGRATION } from '../../../test/token-desk.js';
import { AccessEvents, CrmAccess } from '../../domain/crm-access.js';
import { DeliveryError, JournalUnavailable } from '../../domain/errors.js';
import { Lines } from '../../domain/line.js';
import { Settings } from '../../domain/settings.js';
import type { OauthSettings } from '../../oauth-settings.js';
import { ConnectAccount } from '../../use-cases/connect-account.js';
import { AccessLog } from '../access-log.js';
import { Alarm } from '../dispatcher/alarm.js';
import { ErrorFilter } from '../error.filter.js';
import { Meter } from '../meter.js';
import { OauthController, OauthDoor } from './oauth.controller.js';

const SANDBOX = '127.0.0.1:28102';

let nest: INestApplication;
let access: FakeCrmAccess;
let alarm: HandAlarm;
let meter: Meter;
let log: KeptLog;

async function serve(settings?: OauthSettings, language: 'ru' | 'en' = 'en') {
  const line = { ...aLine(), crm: { baseUrl: `http://${SANDBOX}` } };
  const module = await Test.createTestingModule({
    controllers: [OauthController],
    providers: [
      ConnectAccount,
      AccessEvents,
      AccessLog,
      { provide: Meter, useValue: meter },
      { provide: Alarm, useValue: alarm },
      { provide: CrmAccess, useValue: access },
      { provide: Lines, useValue: new Lines([line]) },
      { provide: Settings, useValue: new Settings({ language }) },
      { provide: OauthDoor, useValue: new OauthDoor(settings) },
    ],
  }).compile();
  nest = module.createNestApplication({ logger: false });
  nest.useGlobalFilters(new ErrorFilter());
  await nest.init();
  log = KeptLog.begin();
}
beforeEach(async () => {
  access = new FakeCrmAccess();
  alarm = new HandAlarm();
  meter = new Meter();
  await serve(INTEGRATION);
});
afterEach(() => nest.close());

const get = (path: string, cookie = '') =>
  request(nest.getHttpServer() as Parameters<typeof request>[0])
    .get(`/oauth/amocrm${path}`)
    .set('Cookie', cookie);

interface Begun {
  readonly state: string;
  /** As the browser sends it back. */
  readonly cookie: string;
}

async function begin(mode = ''): Promise<Begun> {
  const { headers } = await get(`/start${mode && `?mode=${mode}`}`).expect(302);
  const [set = ''] = headers['set-cookie'] as unknown as string[];
  const state = new URL(String(headers['location'])).searchParams.get('state') ?? '';
  return { state, cookie: set.split(';')[0] ?? '' };
}

function back({ state, cookie }: Begun, more: Readonly<Record<string, string>> = {}) {
  const said = { code: 'def502', referer: 'acme.amocrm.ru', platform: '1', state, ...more };
  return get(`/callback?${new URLSearchParams(said).toString()}`, cookie);
}

describe('the start of a consent', () => {
  it('leads to amoCRM’s page, with a state that goes with a cookie', async () => {
    const { headers } = await get('/start?mode=popup').expect(302);
    const target = new URL(String(headers['location']));
    expect(target.origin + target.pathname).toBe(INTEGRATION.consentUrl);
    expect(Object.fromEntries(target.searchParams)).toEqual({
      client_id: INTEGRATION.clientId,
      state: expect.any(String),
      mode: 'popup',
    });
    const [cookie] = headers['set-cookie'] as unknown as string[];
    expect(cookie).toMatch(
      /^amocrm_consent=[\w-]{32}; Max-Age=1200; Path=\/oauth\/amocrm; .*HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(headers['cache-control']).toBe('no-store');
  });

  it('refuses a mode that amoCRM does not have', async () => {
    const { body } = await get('/start?mode=frame').expect(400);
    expect(body).toMatchObject({ code: 'bad-request' });
  });

  it('says how to switch it on where it is off', async () => {
    await nest.close();
    await serve();
    for (const path of ['/start', '/callback?code=x', '/disabled']) {
      const { body } = await get(path).expect(404);
      expect(body).toMatchObject({
        code: 'oauth-off',
        message: expect.stringContaining('AMOCRM_CLIENT_ID'),
      });
    }
  });
});

describe('the end of a consent', () => {
  it('keeps the access and shows a page of its own', async () => {
    const { text, headers } = await back(await begin()).expect(200);
    expect(access.redeemed).toEqual([{ host: 'acme.amocrm.ru', code: 'def502' }]);
    expect(access.kept).toHaveLength(1);
    expect(text).toContain('Access given');
    const policy = headers['content-security-policy'] ?? '';
    const [, nonce] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(text).toContain(`<script nonce="${nonce}">`);
    expect(text).toContain(`<style nonce="${nonce}">`);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['set-cookie']?.[0]).toMatch(
      /^amocrm_consent=; Path=\/oauth\/amocrm; Expires=Thu, 01 Jan 1970/,
    );
    expect(text).not.toContain('def502');
  });

  it('tells the window that opened it, in the mode post_message, and closes', async () => {
    const { text } = await back(await begin('post_message'));
    expect(text).toContain(
      `opener.postMessage({ type: 'edna-amocrm-bridge', event: 'connected' }, '*')`,
    );
    expect(text).toContain('close()');
    access.fails = new DeliveryError('blocked', 'amocrm answered 400: <b>no</b>');
    const failed = await back(await begin('post_message')).expect(502);
    expect(failed.text).toContain(`event: 'failed'`);
    expect(failed.text).not.toContain('close()');
    expect(failed.text).toContain('&lt;b&gt;no&lt;/b&gt;');
  });

  it('only closes in the mode popup', async () => {
    const { text } = await back(await begin('popup'));
    expect(text).toContain('close()');
    expect(text).not.toContain('postMessage');
  });

  it('speaks the language of the settings', async () => {
    await nest.close();
    await serve(INTEGRATION, 'ru');
    const { text } = await back(await begin());
    expect(text).toContain('<html lang="ru">');
    expect(text).toContain('Доступ получен');
  });

  it('is refused with a forged state, or in another browser, and asks nobody', async () => {
    const begun = await begin();
    const other = await begin();
    for (const forged of [
      { ...begun, state: 's1' },
      { ...begun, state: other.state },
      { ...begun, cookie: '' },
      { ...begun, cookie: other.cookie },
    ]) {
      const { text } = await back(forged).expect(400);
      expect(text).toContain('not begun here');
    }
    await get('/callback?code=x&referer=acme.amocrm.ru', begun.cookie).expect(400);
    expect(access.redeemed).toEqual([]);
    expect(log.text).toContain('"why":"forged"');
  });

  it('is refused after twenty minutes', async () => {
    const begun = await begin();
    await alarm.pass(20 * 60_000);
    const { text } = await back(begun).expect(400);
    expect(text).toContain('20 minutes');
    expect(access.redeemed).toEqual([]);
  });

  it('may be that the administrator refused', async () => {
    const { state, cookie } = await begin();
    const { text } = await get(`/callback?error=access_denied&state=${state}`, cookie).expect(400);
    expect(text).toContain('You refused');
    expect(access.redeemed).toEqual([]);
  });

  it.each([
    ['without a code', { code: '' }, 400, 'no code'],
    ['without an account', { referer: '' }, 400, 'no code'],
    ['with a host that is none of amoCRM’s', { referer: 'evil.test' }, 403, 'another account'],
    ['with the address of a neighbour', { referer: '169.254.169.254' }, 403, 'another account'],
  ])('is refused %s, and asks nobody', async (_, change, status, words) => {
    const { text } = await back(await begin(), change).expect(status);
    expect(text).toContain(words);
    expect(access.redeemed).toEqual([]);
  });

  it('drops the access to an account that no line is joined to', async () => {
    access.accountId = '8d2f1c34-9b7e-4a05-8c61-3f5e0d7a9b12';
    const { text } = await back(await begin()).expect(403);
    expect(text).toContain('another account');
    expect(access.kept).toEqual([]);
  });

  it.each([
    [new DeliveryError('blocked', 'amocrm answered 402: not paid'), 502, 'not paid'],
    [new DeliveryError('unknown', 'amocrm: timeout'), 502, 'does not answer'],
    [new DeliveryError('not-sent', 'amocrm answered 429'), 502, 'does not answer'],
  ])('says so where amoCRM does not take the code: %s', async (error, status, words) => {
    access.fails = error;
    const { text } = await back(await begin()).expect(status);
    expect(text).toContain(words);
  });

  it('says so where nothing can be kept', async () => {
    access.keepFails = new JournalUnavailable(new Error('full'));
    const { text } = await back(await begin()).expect(503);
    expect(text).toContain('cannot keep');
  });

  it('is not tried more than ten times a minute, or amoCRM would block us', async () => {
    const hook = `/callback?code=invented&from_widget=1&referer=${SANDBOX}`;
    for (let i = 0; i < 10; i += 1) await get(hook).expect(200);
    expect((await get(hook).expect(429)).text).toContain('Too many');
    expect(access.redeemed).toHaveLength(10);
    await alarm.pass(60_000);
    await get(hook).expect(200);
  });

  it('counts what is sent to amoCRM: nobody keeps administrators out with hosts of his own', async () => {
    const hook = '/callback?code=invented&from_widget=1&referer=';
    for (let i = 0; i < 10; i += 1) await get(`${hook}evil.test`).expect(403);
    await get(hook + SANDBOX).expect(200);
  });

  it('counts what nobody of ours began apart: nobody keeps administrators out with invented codes', async () => {
    const hook = `/callback?code=invented&from_widget=1&referer=${SANDBOX}`;
    for (let i = 0; i < 10; i += 1) await get(hook).expect(200);
    await get(hook).expect(429);
    for (let i = 0; i < 10; i += 1) await back(await begin()).expect(200);
    await back(await begin()).expect(429);
  });

  it('may begin with a widget that is installed, in an account of the settings alone', async () => {
    const hook = '/callback?code=def502&from_widget=1&referer=';
    await get(hook + SANDBOX).expect(200);
    expect(access.kept).toMatchObject([{ host: SANDBOX }]);
    await get(`${hook}beta.amocrm.ru`).expect(403);
    await get(`${hook}${SANDBOX}&state=forged`).expect(400);
    expect(access.redeemed).toHaveLength(1);
  });
});

describe('the hook of an integration that was switched off', () => {
  // The vector of the platform's notes: HMAC-SHA256 of both with the secret of INTEGRATION.
  const hook = {
    account_id: '31990077',
    client_uuid: INTEGRATION.clientId,
    signature: '36564341b46bf6463b855ff9f0c57125acac3fd91763ca775c4c63f3c458dc58',
  };
  const off = (change: object = {}) =>
    get(`/disabled?${new URLSearchParams({ ...hook, ...change }).toString()}`);

  it('closes the account', async () => {
    const { body } = await off().expect(200);
    expect(body).toEqual({ code: 'ok' });
    expect(access.takenBack).toEqual(['31990077']);
  });

  it.each([
    [{ signature: '' }],
    [{ signature: hook.signature.replace('3', '4') }],
    [{ account_id: '31990078' }],
    [{ account_id: '' }],
    [{ client_uuid: '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a211' }],
  ])('is refused with %j', async (change) => {
    const { body } = await off(change).expect(401);
    expect(body).toMatchObject({ code: 'wrong-signature' });
    expect(access.takenBack).toEqual([]);
  });

  it('is 503 while nothing can be kept', async () => {
    access.keepFails = new JournalUnavailable(new Error('full'));
    await off().expect(503);
  });
});

describe('what happens to an access', () => {
  it('stands in the log and in the metrics', async () => {
    const events = nest.get(AccessEvents);
    events.tell({ event: 'connected', account: 'acme.amocrm.ru' });
    events.tell({ event: 'token-refreshed', account: 'acme.amocrm.ru' });
    events.tell({ event: 'auth-failed', account: 'acme.amocrm.ru', why: 'refused' });
    events.tell({ event: 'consent-refused', account: 'acme.amocrm.ru', why: 'invented' });
    const metrics = await meter.registry.metrics();
    for (const event of ['connected', 'token-refreshed', 'auth-failed', 'consent-refused']) {
      expect(metrics).toContain(`bridge_amocrm_oauth_total{event="${event}"} 1`);
    }
    expect(metrics).not.toContain('acme');
    const entry = { msg: 'amocrm oauth', account: 'acme.amocrm.ru' };
    expect(log.lines).toEqual([
      { level: 'log', message: { ...entry, event: 'connected' } },
      { level: 'log', message: { ...entry, event: 'token-refreshed' } },
      { level: 'warn', message: { ...entry, event: 'auth-failed', why: 'refused' } },
      { level: 'warn', message: { ...entry, event: 'consent-refused', why: 'invented' } },
    ]);
  });
});
