import { aLine } from '../../../test/builders.js';
import { freshDatabase } from '../../../test/fresh-database.js';
import { aPair, aRefusal, TokenDesk } from '../../../test/token-desk.js';
import type { Line } from '../../domain/line.js';

let desk: TokenDesk;
beforeEach(async () => {
  desk = await TokenDesk.open();
});
afterEach(() => desk.close());

const call = (line: Line = desk.line) => desk.accounts.of(line).call('GET', '/contacts');
const bearers = () =>
  desk.upstream.got
    .filter(({ path }) => path === '/api/v4/contacts')
    .map(({ headers }) => headers.authorization);

describe('a request to an account', () => {
  it('carries the token of a consent, and brings back what is there', async () => {
    await desk.connect();
    desk.upstream.next({ body: { _embedded: { contacts: [] } } }, { status: 204 });
    expect(await call()).toEqual({ _embedded: { contacts: [] } });
    expect(await call()).toBeUndefined();
    expect(bearers()).toEqual(['Bearer access-1', 'Bearer access-1']);
  });

  it('is sent once more with a fresh token where the old one is refused before its time', async () => {
    await desk.connect();
    desk.upstream.next({ status: 401, body: {} }, aPair(2), { body: { ok: true } });
    expect(await call()).toEqual({ ok: true });
    expect(bearers()).toEqual(['Bearer access-1', 'Bearer access-2']);
    expect(desk.heard).toEqual(['token-refreshed']);
  });

  it('is not sent a third time', async () => {
    await desk.connect();
    desk.upstream.next({ status: 401, body: {} }, aPair(2), { status: 401, body: {} });
    await expect(call()).rejects.toThrow('taken back');
    expect(bearers()).toHaveLength(2);
    expect(desk.changes).toHaveLength(1);
  });

  it('ends in auth-failed where the access was taken back', async () => {
    await desk.connect();
    desk.upstream.next({ status: 401, body: {} }, aRefusal('Token has been revoked'));
    await expect(call()).rejects.toMatchObject({ outcome: 'blocked' });
    await expect(call()).rejects.toThrow('/oauth/amocrm/start');
    expect(bearers()).toHaveLength(1);
    expect(desk.heard).toEqual(['auth-failed']);
  });

  it('with a long-lived token that is refused says so, and tells it once', async () => {
    await desk.begin({ token: 'eyJ-long-lived' });
    desk.upstream.next({ status: 401, body: {} }, { status: 401, body: {} });
    await expect(call()).rejects.toThrow('AMOCRM_TOKEN is not valid');
    await expect(call()).rejects.toThrow('AMOCRM_TOKEN is not valid');
    expect(desk.heard).toEqual(['auth-failed']);
    expect(desk.changes).toHaveLength(0);
  });

  it.each([
    [{ status: 402, body: {} }, 'not paid'],
    [{ status: 403, body: {} }, 'not an administrator’s: give it again'],
    [{ status: 403, body: '<html>403 Forbidden</html>' }, 'blocked this address'],
    [{ status: 429, body: '<html>' }, 'too many requests'],
  ])('that is answered with %j says in words what it means', async (reply, words) => {
    await desk.connect();
    desk.upstream.on('/api/v4/contacts', reply);
    await expect(call()).rejects.toThrow(words);
    expect(await desk.tokens.stateOf(desk.line)).toEqual({ state: 'connected' });
  });

  it('that got no turn in time is not sent: whoever asked has given up', async () => {
    await desk.begin({ token: 'eyJ-long-lived' });
    const first = call();
    const late = desk.accounts.of(desk.line).call('GET', '/contacts', undefined, -1);
    await expect(late).rejects.toMatchObject({
      outcome: 'not-sent',
      message: 'amocrm: no turn in time',
    });
    await first;
    expect(bearers()).toHaveLength(1);
  });

  it('is possible with an integration or a long-lived token, and not without either', async () => {
    expect(desk.accounts.of(desk.line).isOpen).toBe(true);
    await desk.begin({ token: 'eyJ' }, '');
    expect(desk.accounts.of(desk.line).isOpen).toBe(true);
    await desk.begin({}, '');
    expect(desk.accounts.of(desk.line).isOpen).toBe(false);
    await expect(call()).rejects.toThrow('AMOCRM_BASE_URL and AMOCRM_TOKEN');
  });

  it('goes to the account’s host over https, or where the settings say', () => {
    expect(desk.oauth.addressOf('acme.amocrm.ru')).toBe('https://acme.amocrm.ru');
    expect(desk.oauth.addressOf(desk.host)).toBe(desk.upstream.url);
  });
});

describe('requests', () => {
  it('begin with a gap that keeps them under seven a second, whichever account they are to', async () => {
    await desk.connect();
    await desk.begin({ token: 'eyJ' });
    const other: Line = {
      ...desk.line,
      ...aLine({}, { accountId: 'another' }),
      key: desk.line.key,
    };
    const crm = { crm: { baseUrl: desk.upstream.url } };
    await Promise.all([
      call(),
      call({ ...other, ...crm }),
      call(),
      desk.accounts.of(desk.line).call('GET', '/users'),
    ]);
    expect(desk.pause.waits).toEqual([150, 150, 150, 150]);
  });

  it('of all processes on one PostgreSQL take their turns in common', async () => {
    const { url, drop } = await freshDatabase();
    const one = await TokenDesk.open(url);
    const two = await one.another(url);
    const both = [one, two];
    const EACH = 30;
    for (const process of both) await process.begin({ token: 'eyJ' });
    const calls = both.flatMap(({ accounts, line }) =>
      Array.from({ length: EACH }, () => accounts.of(line).call('GET', '/contacts')),
    );
    await Promise.all(calls);
    // Nobody waits here, so each turn lies further ahead: the last one twice as far as one process alone would get.
    const longest = Math.max(...both.flatMap(({ pause }) => pause.waits));
    expect(longest).toBeGreaterThan(EACH * 150);
    await two.database.close();
    await one.close();
    await drop();
  });

  it('of one account come one after the other, and those of another do not wait for its back-off', async () => {
    await desk.begin({ token: 'eyJ' });
    const other: Line = { ...desk.line, amo: { ...desk.line.amo, accountId: 'another' } };
    let goOn: () => void = () => undefined;
    desk.pause.during = (ms) =>
      ms === 7_000 ? new Promise<void>((resolve) => (goOn = resolve)) : undefined;
    desk.upstream.next({ status: 429, body: { retry_after: 7 } });
    const first = call();
    const second = call();
    await expect(call(other)).resolves.toEqual({});
    expect(bearers()).toHaveLength(2);
    goOn();
    await Promise.all([first, second]);
    expect(bearers()).toHaveLength(4);
  });
});
