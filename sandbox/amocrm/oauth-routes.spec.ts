import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { disableSignature } from './integration.ts';
import { StandInCaller } from './stand-in-caller.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let rest: StandInCaller;

const REDIRECT = 'http://127.0.0.1:3000/oauth/amocrm/callback';
const INTEGRATION = '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a210';
const SECRET = 'Qm3vT9sLx2';

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, amojo: { connected: true, restPerSecond: 0 } });
  rest = new StandInCaller(sandbox);
});

afterEach(() => sandbox.close());

/** Where the page of consent sends the browser. */
async function redirected(query = ''): Promise<URLSearchParams> {
  const { status, headers } = await rest.get(`/oauth?client_id=${INTEGRATION}&state=s1${query}`);
  expect(status).toBe(302);
  const target = new URL(String(headers?.location));
  expect(`${target.origin}${target.pathname}`).toBe(REDIRECT);
  return target.searchParams;
}

const ask = (body: object) =>
  rest.post('/oauth2/access_token', {
    client_id: INTEGRATION,
    client_secret: SECRET,
    redirect_uri: REDIRECT,
    ...body,
  });
const exchange = (code: string, more: object = {}) =>
  ask({ grant_type: 'authorization_code', code, ...more });
const refresh = (refresh_token: string, more: object = {}) =>
  ask({ grant_type: 'refresh_token', refresh_token, ...more });

interface Pair {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function pair(): Promise<Pair> {
  const code = (await redirected()).get('code') ?? '';
  return (await exchange(code)).json as Pair;
}

describe('the page of consent', () => {
  it('redirects with code, referer, state and platform, in both modes', async () => {
    for (const mode of ['', '&mode=popup', '&mode=post_message']) {
      const said = await redirected(mode);
      expect(said.get('code')).toMatch(/^def502/);
      expect(said.get('referer')).toBe(new URL(sandbox.amojo.server.url).host);
      expect(said.get('state')).toBe('s1');
      expect(said.get('platform')).toBe('1');
    }
    sandbox.amojo.settings.referer = 'account';
    expect((await redirected()).get('referer')).toBe('acme.amocrm.ru');
    sandbox.amojo.settings.oauthPlatform = 2;
    expect((await redirected()).get('referer')).toBe('acme.kommo.com');
  });

  it('redirects with an error where the user refuses', async () => {
    sandbox.amojo.settings.consent = 'refuse';
    expect(Object.fromEntries(await redirected())).toEqual({ error: 'access_denied', state: 's1' });
  });

  it('asks the user where the switch says so, and follows what is clicked', async () => {
    sandbox.amojo.settings.consent = 'ask';
    const page = await rest.get(`/oauth?client_id=${INTEGRATION}&state=s1`);
    expect(page.status).toBe(200);
    const links = [...page.body.toString().matchAll(/href="([^"]+)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    );
    expect(links).toHaveLength(2);
    const clicked = await Promise.all(links.map((href) => rest.get(href)));
    const told = clicked.map(({ headers }) => new URL(String(headers?.location)).searchParams);
    expect(told[0]?.get('code')).toMatch(/^def502/);
    expect(told[1]?.get('error')).toBe('access_denied');
  });

  it('refuses another integration, and another mode', async () => {
    expect((await rest.get('/oauth?client_id=other')).status).toBe(400);
    expect((await rest.get(`/oauth?client_id=${INTEGRATION}&mode=frame`)).status).toBe(400);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'oauth' }, { endpoint: 'oauth' }]);
  });
});

describe('a code', () => {
  it('is exchanged for a pair that opens REST v4 for a day', async () => {
    const code = (await redirected()).get('code') ?? '';
    const { status, json } = await exchange(code);
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        token_type: 'Bearer',
        expires_in: 86_400,
        server_time: Math.floor(clock.now() / 1000),
        access_token: expect.stringMatching(/^eyJ/),
        refresh_token: expect.stringMatching(/^def502/),
      },
    });
    rest.token = (json as Pair).access_token;
    clock.advance(86_399_000);
    expect((await rest.get('/account?with=amojo_id')).json).toMatchObject({ id: 31_990_077 });
    clock.advance(1000);
    expect((await rest.get('/account')).status).toBe(401);
  });

  it('says in its token where the account lives', async () => {
    const { access_token } = await pair();
    const claims = Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(claims)).toMatchObject({
      aud: INTEGRATION,
      account_id: 31_990_077,
      api_domain: new URL(sandbox.amojo.server.url).host,
    });
  });

  it('works once, and for twenty minutes', async () => {
    const code = (await redirected()).get('code') ?? '';
    await exchange(code);
    expect(await exchange(code)).toMatchObject({
      status: 400,
      json: { hint: 'Authorization code has been revoked' },
    });
    const late = (await redirected()).get('code') ?? '';
    clock.advance(20 * 60_000);
    expect((await exchange(late)).json).toEqual({
      hint: 'Authorization code has expired',
      title: 'Некорректный запрос',
      type: 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson',
      status: 400,
      detail: 'В запросе отсутствует ряд параметров или параметры невалидны',
    });
    expect((await exchange('invented')).json).toMatchObject({
      hint: 'Cannot decrypt the authorization code',
    });
    expect(sandbox.violations.map(({ endpoint }) => endpoint)).toEqual(
      Array(3).fill('access-token'),
    );
  });

  it.each([
    ['client_id', { client_id: 'other' }],
    ['client_id', { client_id: undefined }],
    ['client_secret', { client_secret: 'other' }],
    ['redirect_uri', { redirect_uri: `${REDIRECT}/` }],
    ['grant_type', { grant_type: 'password' }],
    ['code', { code: undefined }],
  ])('is not spent by a request with a wrong %s', async (name, change) => {
    const code = (await redirected()).get('code') ?? '';
    expect(await exchange(code, change)).toMatchObject({
      status: 400,
      json: { hint: `Check the \`${name}\` parameter` },
    });
    expect((await exchange(code)).status).toBe(200);
  });
});

describe('a refresh token', () => {
  it('gives a new pair once, so that only one of two racing refreshes wins', async () => {
    const first = await pair();
    const answers = await Promise.all([refresh(first.refresh_token), refresh(first.refresh_token)]);
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 401]));
    expect(answers.find(({ status }) => status === 401)?.json).toMatchObject({
      hint: 'Token has been revoked',
    });
    const second = answers.find(({ status }) => status === 200)?.json as Pair;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  it('lives for three months, and needs the exact redirect address', async () => {
    const { refresh_token } = await pair();
    expect((await refresh(refresh_token, { redirect_uri: 'http://other' })).status).toBe(400);
    clock.advance(90 * 86_400_000);
    expect(await refresh(refresh_token)).toMatchObject({
      status: 401,
      json: { hint: 'Invalid refresh token' },
    });
  });

  it('tells what the account is called now', async () => {
    const { refresh_token } = await pair();
    const path = '/oauth2/account/current/subdomain';
    expect((await rest.get(path, { 'X-Refresh-Token': refresh_token })).json).toEqual({
      id: 31_990_077,
      subdomain: 'acme',
      domain: 'acme.amocrm.ru',
      top_level_domain: 'ru',
    });
    expect((await rest.get(path, { 'X-Refresh-Token': 'other' })).status).toBe(401);
  });
});

describe('a refusal by switch', () => {
  it.each([
    ['revoked', 401, /Token has been revoked/],
    ['unpaid', 402, /not paid/],
    ['blocked', 403, /<html>/],
  ] as const)('is %s, spends nothing and is nobody’s fault', async (oauthRefusal, status, says) => {
    const { refresh_token } = await pair();
    sandbox.change({ amojo: { oauthRefusal } });
    const refused = await refresh(refresh_token);
    expect(refused.status).toBe(status);
    expect(refused.body.toString()).toMatch(says);
    sandbox.change({ amojo: { oauthRefusal: 'none' } });
    expect((await refresh(refresh_token)).status).toBe(200);
    expect(sandbox.violations).toEqual([]);
  });
});

describe('an integration that is switched off', () => {
  it('is told with the documented signature', () => {
    expect(disableSignature(SECRET, INTEGRATION, 31_990_077)).toBe(
      '36564341b46bf6463b855ff9f0c57125acac3fd91763ca775c4c63f3c458dc58',
    );
  });

  it('loses its tokens and its channel, and its disable hook is called', async () => {
    const bridge = new StandInBridge(sandbox);
    await bridge.listen();
    const address = sandbox.webhooks.edna?.replace('/webhooks/edna', '/oauth/amocrm/disabled');
    sandbox.amojo.settings.disableHookUrl = address;
    const { access_token, refresh_token } = await pair();
    await sandbox.amojo.integration.disable();
    await bridge.close();
    const [hook] = bridge.posted;
    expect(hook?.method).toBe('GET');
    const { pathname, searchParams } = new URL(hook?.path ?? '', 'http://bridge');
    expect(pathname).toBe('/oauth/amocrm/disabled');
    expect(Object.fromEntries(searchParams)).toEqual({
      account_id: '31990077',
      client_uuid: INTEGRATION,
      signature: '36564341b46bf6463b855ff9f0c57125acac3fd91763ca775c4c63f3c458dc58',
    });

    expect(sandbox.amojo.isConnected).toBe(false);
    expect((await rest.get('/account')).status).toBe(401);
    expect((await refresh(refresh_token)).status).toBe(401);
    sandbox.amojo.integration.enable();
    expect((await rest.get('/account')).status).toBe(200);
    rest.token = access_token;
    expect((await rest.get('/account')).status).toBe(401);
  });

  it('is switched on again by a new consent', async () => {
    expect(await sandbox.amojo.integration.disable()).toBeUndefined();
    rest.token = (await pair()).access_token;
    expect((await rest.get('/account')).status).toBe(200);
  });
});

describe('the disable hook', () => {
  it('goes to no other host than this one, unless fetching may', async () => {
    sandbox.amojo.settings.disableHookUrl = 'http://hooks.invalid/off';
    expect(await sandbox.amojo.integration.disable()).toMatchObject({
      error: expect.stringMatching('only loopback'),
    });
    sandbox.amojo.settings.fetchFrom = 'anywhere';
    const { error } = (await sandbox.amojo.integration.disable()) ?? {};
    expect(error).toBeDefined();
    expect(error).not.toMatch('only loopback');
  });
});

describe('the settings of OAuth', () => {
  it('say how long codes and tokens live', async () => {
    Object.assign(sandbox.amojo.settings, {
      codeSeconds: 60,
      accessTokenSeconds: 120,
      refreshTokenSeconds: 300,
    });
    const late = (await redirected()).get('code') ?? '';
    clock.advance(60_000);
    expect((await exchange(late)).json).toMatchObject({
      hint: 'Authorization code has expired',
    });
    const code = (await redirected()).get('code') ?? '';
    clock.advance(59_999);
    const answer = (await exchange(code)).json as Pair & { expires_in: number };
    expect(answer.expires_in).toBe(120);
    rest.token = answer.access_token;
    clock.advance(119_999);
    expect((await rest.get('/account')).status).toBe(200);
    clock.advance(1);
    expect((await rest.get('/account')).status).toBe(401);
    clock.advance(180_000);
    expect((await refresh(answer.refresh_token)).status).toBe(401);
  });

  it('name the integration, its secret and its address', async () => {
    const own = { client_id: 'other-integration', client_secret: 'other-secret' };
    const redirect_uri = 'http://127.0.0.1:3999/done';
    Object.assign(sandbox.amojo.settings, {
      integrationId: own.client_id,
      integrationSecret: own.client_secret,
      redirectUri: redirect_uri,
    });
    expect((await rest.get(`/oauth?client_id=${INTEGRATION}`)).status).toBe(400);
    const { headers } = await rest.get(`/oauth?client_id=${own.client_id}`);
    const target = new URL(String(headers?.location));
    expect(target.href).toMatch(redirect_uri);
    const code = target.searchParams.get('code') ?? '';
    expect((await exchange(code)).status).toBe(400);
    expect((await exchange(code, { ...own, redirect_uri })).status).toBe(200);
  });
});
