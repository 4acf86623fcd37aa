import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInCaller } from './stand-in-caller.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let rest: StandInCaller;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock });
  rest = new StandInCaller(sandbox);
});

afterEach(() => sandbox.close());

const statuses = async (count: number): Promise<(number | undefined)[]> => {
  const seen = [];
  for (let number = 0; number < count; number += 1) seen.push((await rest.get('/account')).status);
  return seen;
};

describe('REST v4', () => {
  it('answers 401 to any other token, and to none', async () => {
    rest.token = 'other';
    expect(await rest.get('/account')).toMatchObject({
      status: 401,
      headers: { 'content-type': 'application/problem+json' },
      json: {
        title: 'Unauthorized',
        type: 'https://httpstatus.es/401',
        status: 401,
        detail: 'Invalid user name or password',
      },
    });
    expect((await rest.get('/account', {})).status).toBe(401);
    expect(sandbox.violations).toMatchObject([
      { endpoint: 'account', status: 401, reason: 'Invalid user name or password' },
      { endpoint: 'account', status: 401 },
    ]);
  });

  it('answers 402 while the account is not paid, which is nobody’s mistake', async () => {
    sandbox.amojo.settings.isPaid = false;
    expect((await rest.get('/account')).status).toBe(402);
    expect(sandbox.ledger().violations).toBe(0);
  });

  it('answers 405 to another method and 404 to another path', async () => {
    expect((await rest.post('/account', {})).status).toBe(405);
    expect((await rest.get('/nothing/here')).json).toMatchObject({ status: 404 });
    expect(sandbox.violations).toMatchObject([{ endpoint: 'account' }, { endpoint: 'unknown' }]);
  });

  it('takes seven requests in a second, and answers 429 to the eighth', async () => {
    expect(await statuses(8)).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
    expect((await rest.get('/account')).json).toEqual({
      title: 'Too Many Requests',
      type: 'https://httpstatus.es/429',
      status: 429,
      detail: 'You have sent too many requests in a given amount of time. Please try again later.',
      retry_after: 300,
    });
    clock.advance(1000);
    expect(await statuses(1)).toEqual([200]);
    sandbox.amojo.settings.tooManyBody = 'html';
    await statuses(7);
    expect((await rest.get('/account')).headers?.['content-type']).toMatch('text/html');
  });

  it('names the wait the switch says', async () => {
    Object.assign(sandbox.amojo.settings, { restPerSecond: 1, restRetryAfterSeconds: 2 });
    await statuses(1);
    expect((await rest.get('/account')).json).toMatchObject({ status: 429, retry_after: 2 });
  });

  it('blocks who goes on after 429, with a page, until support lifts the block', async () => {
    expect(await statuses(17)).toContain(429);
    clock.advance(3_600_000);
    const blocked = await rest.get('/account');
    expect(blocked.status).toBe(403);
    expect(blocked.headers?.['content-type']).toMatch('text/html');
    expect(blocked.body.toString()).toContain('<h1>403 Forbidden</h1>');
    sandbox.amojo.rest.unblock();
    expect(await statuses(1)).toEqual([200]);
  });

  it('never blocks for excesses that are a minute apart', async () => {
    sandbox.amojo.settings.restBlockAfter = 2;
    for (let minute = 0; minute < 3; minute += 1) {
      expect((await statuses(8)).at(-1)).toBe(429);
      clock.advance(60_001);
    }
    expect(await statuses(1)).toEqual([200]);
  });

  it('has no limit where it is switched off', async () => {
    sandbox.amojo.settings.restPerSecond = 0;
    expect(new Set(await statuses(20))).toEqual(new Set([200]));
  });
});

describe('account and users', () => {
  it('tell what they are asked for with `with`', async () => {
    const { accountId, managers } = sandbox.amojo.settings;
    const full = await rest.get('/account?with=amojo_id,drive_url');
    expect(full.json).toMatchObject({
      id: 31_990_077,
      subdomain: 'acme',
      is_unsorted_on: true,
      amojo_id: accountId,
      drive_url: sandbox.amojo.server.url,
    });
    const bare = await rest.get('/account');
    expect(bare.json).not.toHaveProperty('amojo_id');
    expect(bare.json).not.toHaveProperty('drive_url');
    expect((await rest.get('/users?with=amojo_id')).json).toMatchObject({
      _embedded: { users: [{ id: 880_011, name: 'Олег', amojo_id: managers[0]?.id }] },
    });
    expect((await rest.get('/users')).json).not.toHaveProperty('_embedded.users.0.amojo_id');
    expect((await rest.get('/users?page=2')).status).toBe(204);
    expect((await rest.get('/users?limit=251')).status).toBe(422);
  });

  it('keep users from who is no administrator, and from external integrations', async () => {
    sandbox.amojo.settings.isAdminToken = false;
    expect((await rest.get('/users')).status).toBe(403);
    sandbox.amojo.settings.isAdminToken = true;
    sandbox.amojo.settings.integrationKind = 'external';
    expect((await rest.get('/users')).status).toBe(403);
    expect((await rest.get('/account')).status).toBe(200);
  });

  it('belong to the account of the token', async () => {
    const account = { accountId: 'b', accountNumber: 2, subdomain: 'beta', restToken: 'of-beta' };
    sandbox.amojo.settings.moreAccounts = [account];
    rest.token = 'of-beta';
    expect((await rest.get('/account?with=amojo_id')).json).toMatchObject({
      id: 2,
      subdomain: 'beta',
      amojo_id: 'b',
    });
  });
});
