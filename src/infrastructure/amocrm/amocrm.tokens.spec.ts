import { ACCOUNT_ID } from '../../../test/builders.js';
import { freshDatabase } from '../../../test/fresh-database.js';
import { aPair, aRefusal, INTEGRATION, SECRET_KEY, TokenDesk } from '../../../test/token-desk.js';
import { JournalUnavailable } from '../../domain/errors.js';

const DAY_MS = 86_400_000;
const REVOKED = aRefusal('Token has been revoked');

let desk: TokenDesk;
beforeEach(async () => {
  desk = await TokenDesk.open();
});
afterEach(() => desk.close());

const token = async () => (await desk.tokens.of(desk.line)).token;
const state = () => desk.tokens.stateOf(desk.line);

describe('the token of a line', () => {
  it('is the long-lived one of the settings, where there is one', async () => {
    await desk.connect();
    await desk.begin({ token: 'eyJ-long-lived' });
    expect(await desk.tokens.of(desk.line)).toEqual({
      baseUrl: desk.upstream.url,
      token: 'eyJ-long-lived',
    });
    expect(await state()).toEqual({ state: 'none' });
  });

  it('is not there before somebody has given access', async () => {
    await expect(token()).rejects.toMatchObject({
      outcome: 'blocked',
      message: expect.stringContaining('/oauth/amocrm/start'),
    });
    expect(await state()).toMatchObject({ state: 'none' });
    expect(desk.upstream.got).toHaveLength(0);
  });

  it('is what the consent gave, until shortly before it expires', async () => {
    await desk.connect();
    expect(await state()).toEqual({ state: 'connected' });
    desk.ms = DAY_MS - 600_001;
    expect(await token()).toBe('access-1');
    expect(desk.upstream.got).toHaveLength(0);
  });

  it('is found though the settings write the account’s id in capitals', async () => {
    await desk.connect();
    const { amo } = desk.line;
    const line = { ...desk.line, amo: { ...amo, accountId: amo.accountId.toUpperCase() } };
    expect((await desk.tokens.of(line)).token).toBe('access-1');
    expect(await desk.tokens.stateOf(line)).toEqual({ state: 'connected' });
  });

  it('is changed before it expires, with the exact redirect address, and told of', async () => {
    await desk.connect();
    desk.ms = DAY_MS - 600_000;
    desk.upstream.next(aPair(2));
    expect(await token()).toBe('access-2');
    expect(desk.upstream.last.json).toEqual({
      client_id: INTEGRATION.clientId,
      client_secret: INTEGRATION.clientSecret,
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
      redirect_uri: INTEGRATION.redirectUri,
    });
    expect(desk.events).toEqual([{ event: 'token-refreshed', account: desk.host }]);
    await desk.begin();
    expect(await token()).toBe('access-2');
    expect(desk.changes).toHaveLength(1);
  });

  it('lives a minute at least, or it would be changed for ever', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next(aPair(2, 0));
    expect(await token()).toBe('access-2');
    expect(desk.changes).toHaveLength(1);
  });
});

describe('a change that amoCRM refuses', () => {
  it('ends in auth-failed, is told once, and asks for a new consent', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next(REVOKED);
    await expect(token()).rejects.toMatchObject({
      outcome: 'blocked',
      message: expect.stringContaining('/oauth/amocrm/start'),
    });
    await expect(token()).rejects.toThrow('/oauth/amocrm/start');
    desk.ms += DAY_MS;
    await expect(token()).rejects.toThrow('/oauth/amocrm/start');
    expect(desk.changes).toHaveLength(1);
    expect(desk.heard).toEqual(['auth-failed']);
    expect(await state()).toMatchObject({ state: 'auth-failed', why: expect.any(String) });

    await desk.connect();
    expect(await token()).toBe('access-1');
    expect(await state()).toEqual({ state: 'connected' });
  });

  it.each([
    ['wrong settings', aRefusal('Check the `client_secret` parameter', 400), 'CLIENT_SECRET'],
    ['an account that is not paid', { status: 402, body: {} }, 'not paid'],
    ['a page that says 403', { status: 403, body: '<html>403 Forbidden</html>' }, '403'],
    ['an account that is elsewhere', { status: 404, body: '<html>' }, 'not at this address'],
  ])('because of %s spends nothing: it is tried again later', async (_, reply, words) => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next(reply);
    await expect(token()).rejects.toThrow(words);
    expect(await state()).toMatchObject({ state: 'auth-failed' });
    // Not before a minute is over.
    await expect(token()).rejects.toMatchObject({ outcome: 'blocked' });
    expect(desk.changes).toHaveLength(1);
    desk.ms += 60_000;
    desk.upstream.next(aPair(2));
    expect(await token()).toBe('access-2');
    expect(await state()).toEqual({ state: 'connected' });
    expect(desk.heard).toEqual(['auth-failed', 'token-refreshed']);
  });

  it('or does not answer leaves the old token in use while it works', async () => {
    await desk.connect();
    desk.ms = DAY_MS - 600_000;
    desk.upstream.next('reset');
    expect(await token()).toBe('access-1');
    expect(await token()).toBe('access-1');
    expect(desk.changes).toHaveLength(1);
    desk.ms += 5_000;
    desk.upstream.next({ status: 402, body: {} });
    expect(await token()).toBe('access-1');
    desk.ms = DAY_MS;
    desk.upstream.next({ status: 503 });
    await expect(token()).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(await state()).toMatchObject({ state: 'auth-failed' });
  });

  it('with a rate limit waits as long as amoCRM asks', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next({ status: 429, headers: { 'Retry-After': '90' } });
    await expect(token()).rejects.toMatchObject({ outcome: 'not-sent' });
    desk.ms += 89_999;
    await expect(token()).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(desk.changes).toHaveLength(1);
    desk.ms += 1;
    desk.upstream.next(aPair(2));
    expect(await token()).toBe('access-2');
  });
});

describe('a new pair', () => {
  it('that the journal cannot keep at once is not used before it is kept', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next(aPair(2));
    const renew = desk.store.renew.bind(desk.store);
    let refusals = 2;
    desk.store.renew = (...given) =>
      refusals-- > 0 ? Promise.reject(new JournalUnavailable('full')) : renew(...given);
    expect(await token()).toBe('access-2');
    expect(desk.pause.waits).toEqual([1_000, 2_000]);
    expect(desk.changes).toHaveLength(1);
  });

  it('that it cannot keep for long is kept with the next try, and not asked for again', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next(aPair(2));
    const renew = desk.store.renew.bind(desk.store);
    desk.store.renew = () => Promise.reject(new JournalUnavailable('full'));
    await expect(token()).rejects.toMatchObject({ outcome: 'not-sent' });
    await expect(token()).rejects.toMatchObject({ outcome: 'not-sent' });
    desk.store.renew = renew;
    expect(await token()).toBe('access-2');
    expect(desk.changes).toHaveLength(1);
  });

  it('that died with its process costs a new consent, and says so', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next(aPair(2));
    // Until here it came: amoCRM has spent the token, and the process ends before its commit.
    desk.store.renew = () => new Promise(() => undefined);
    void desk.tokens.of(desk.line);
    while (desk.changes.length === 0) await new Promise(setImmediate);

    await desk.begin();
    desk.pause.during = (ms) => {
      desk.ms += ms;
    };
    desk.upstream.next(REVOKED);
    await expect(token()).rejects.toThrow('/oauth/amocrm/start');
    expect(desk.heard).toEqual(['auth-failed']);
    // The one that follows had to wait for the lease of the dead one.
    expect(desk.pause.waits.reduce((sum, ms) => sum + ms, 0)).toBe(20_000);
  });
});

describe('a process that ends', () => {
  it('waits for the pair that is on its way, and keeps it', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    desk.upstream.next(aPair(2));
    const asked = token();
    while (desk.changes.length === 0) await new Promise(setImmediate);
    await desk.tokens.beforeApplicationShutdown();
    expect(desk.heard).toEqual(['token-refreshed']);
    expect(await asked).toBe('access-2');
  });

  it('begins no change any more', async () => {
    await desk.connect();
    desk.ms = DAY_MS - 600_000;
    await desk.tokens.beforeApplicationShutdown();
    expect(await token()).toBe('access-1');
    desk.ms = DAY_MS;
    await expect(token()).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(desk.changes).toHaveLength(0);
  });
});

describe('access that nobody uses', () => {
  it('is changed when it is time, and its trouble is told', async () => {
    await desk.tokens.keepAlive(desk.line);
    await desk.connect();
    await desk.tokens.keepAlive(desk.line);
    expect(desk.upstream.got).toHaveLength(0);
    desk.ms = DAY_MS;
    desk.upstream.next(aPair(2));
    await desk.tokens.keepAlive(desk.line);
    desk.ms = 2 * DAY_MS;
    desk.upstream.next(REVOKED);
    await desk.tokens.keepAlive(desk.line);
    expect(desk.heard).toEqual(['token-refreshed', 'auth-failed']);
  });
});

describe('while another process changes the pair', () => {
  it('its new one is waited for', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    const access = await desk.store.find(ACCOUNT_ID);
    await desk.store.lease(access!, 20_000);
    desk.pause.during = async () => {
      // Sealed with the same key, for the same host.
      await desk.store.renew(access!, access!, { refreshInMs: DAY_MS, expiresInMs: DAY_MS });
    };
    expect(await token()).toBe('access-1');
    expect(desk.pause.waits).toEqual([250]);
    expect(desk.changes).toHaveLength(0);
  });

  it('and never ends, the wait does', async () => {
    await desk.connect();
    desk.ms = DAY_MS;
    await desk.store.lease((await desk.store.find(ACCOUNT_ID))!, 10 * DAY_MS);
    await expect(token()).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(desk.pause.waits).toHaveLength(80);
  });

  it('a token that still works is used', async () => {
    await desk.connect();
    desk.ms = DAY_MS - 600_000;
    await desk.store.lease((await desk.store.find(ACCOUNT_ID))!, 20_000);
    expect(await token()).toBe('access-1');
    expect(desk.pause.waits).toEqual([]);
  });

  it('on PostgreSQL, the token that works once is spent once', async () => {
    const { url, drop } = await freshDatabase();
    const one = await TokenDesk.open(url);
    const two = await one.another(url);
    await one.connect(0);
    one.upstream.next(aPair(2));
    for (const { pause } of [one, two]) {
      pause.during = async () => {
        while (one.heard.length + two.heard.length === 0) await new Promise(setImmediate);
      };
    }
    const passes = await Promise.all(
      [one, two, one, two].map(({ tokens, line }) => tokens.of(line)),
    );
    expect(passes.map((pass) => pass.token)).toEqual(Array(4).fill('access-2'));
    expect(one.changes).toHaveLength(1);
    expect([...one.heard, ...two.heard]).toEqual(['token-refreshed']);
    await two.database.close();
    await one.close();
    await drop();
  });

  it('on PostgreSQL, who comes late with a spent token does not undo the new pair', async () => {
    const { url, drop } = await freshDatabase();
    const one = await TokenDesk.open(url);
    const two = await one.another(url);
    await one.connect(0);
    const access = (await one.store.find(ACCOUNT_ID))!;
    // The first one stalls so long that its lease runs out; the second one changes the pair meanwhile.
    one.store.lease = async () => {
      one.store.lease = () => Promise.resolve(false);
      one.upstream.next(aPair(2));
      await two.tokens.of(two.line);
      one.upstream.next(REVOKED);
      return true;
    };
    expect((await one.tokens.of(one.line)).token).toBe('access-2');
    expect(await one.store.find(ACCOUNT_ID)).toMatchObject({ version: access.version + 1 });
    expect(await one.tokens.stateOf(one.line)).toEqual({ state: 'connected' });
    expect(one.heard).toEqual([]);
    await two.database.close();
    await one.close();
    await drop();
  });
});

describe('tokens at rest', () => {
  it('are encrypted', async () => {
    await desk.connect();
    const kept = JSON.stringify(await desk.store.find(ACCOUNT_ID));
    expect(kept).not.toContain('access-1');
    expect(kept).not.toContain('refresh-1');
  });

  it('that another SECRET_KEY has sealed are an auth-failed with words, until it is set back', async () => {
    await desk.connect();
    await desk.begin({}, `${SECRET_KEY}-2`);
    await expect(token()).rejects.toThrow('SECRET_KEY');
    await expect(token()).rejects.toMatchObject({ outcome: 'blocked' });
    expect(await state()).toMatchObject({
      state: 'auth-failed',
      why: expect.stringContaining('SECRET_KEY'),
    });
    expect(desk.heard).toEqual(['auth-failed']);
    await desk.begin();
    expect(await token()).toBe('access-1');
    expect(await state()).toEqual({ state: 'connected' });
  });
});

describe('an integration that is switched off', () => {
  it('closes the account, forgets its tokens and is told once', async () => {
    await desk.connect();
    await desk.tokens.takeBack('31990077');
    await desk.tokens.takeBack('31990077');
    await desk.tokens.takeBack('4');
    await expect(token()).rejects.toThrow('switched off in amoCRM');
    expect(await state()).toMatchObject({ state: 'off' });
    expect(desk.events).toEqual([
      { event: 'auth-failed', account: desk.host, why: expect.stringContaining('switched off') },
    ]);
    expect(desk.upstream.got).toHaveLength(0);
  });
});

describe('a code', () => {
  it('is changed for tokens, and the account they open', async () => {
    desk.upstream.next(aPair(1), { body: { id: 31_990_077, amojo_id: ACCOUNT_ID } });
    expect(await desk.tokens.redeem(desk.host, 'def502')).toEqual({
      accountId: ACCOUNT_ID,
      accountNumber: '31990077',
      host: desk.host,
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresInMs: DAY_MS,
    });
    expect(desk.upstream.got[0]?.json).toMatchObject({
      grant_type: 'authorization_code',
      code: 'def502',
    });
    expect(desk.upstream.last.path).toBe('/api/v4/account?with=amojo_id');
  });

  it('that was taken is not lost to an account that does not answer at once', async () => {
    const account = { body: { id: 31_990_077, amojo_id: ACCOUNT_ID } };
    desk.upstream.next(aPair(1), 'reset', { status: 429 }, account);
    expect(await desk.tokens.redeem(desk.host, 'def502')).toMatchObject({ accountId: ACCOUNT_ID });
    expect(desk.pause.waits).toEqual([1_000, 2_000]);
  });

  it.each([
    [aRefusal('Authorization code has expired', 400), 'not valid'],
    [aRefusal('Check the `redirect_uri` parameter', 400), 'PUBLIC_URL'],
    [{ status: 402, body: {} }, 'not paid'],
    [{ status: 403, body: '<html>403 Forbidden</html>' }, 'blocked this address'],
    [{ status: 301, body: '' }, 'not at this address'],
    [{ body: '<html>' }, 'without tokens'],
  ])('that is answered with %j is an error in words', async (reply, words) => {
    desk.upstream.next(reply);
    await expect(desk.tokens.redeem(desk.host, 'def502')).rejects.toThrow(words);
    expect(desk.upstream.got).toHaveLength(1);
  });
});
