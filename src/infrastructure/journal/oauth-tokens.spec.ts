import { freshDatabase } from '../../../test/fresh-database.js';
import { JournalClock } from './clock.js';
import { openDatabase, type Database } from './database.js';
import { OauthTokens, type KeptAccess } from './oauth-tokens.js';

const ACME = { account: 'c2e94b10', number: '31990077', host: 'acme.amocrm.ru' };
const PAIR = { access: '1.access', refresh: '1.refresh' };
const NEXT = { access: '1.access-2', refresh: '1.refresh-2' };
const LONG = { refreshInMs: 3_600_000, expiresInMs: 7_200_000 };
const LEASE_MS = 20_000;

describe.each(['sqlite', 'postgres'] as const)('access to accounts, kept in %s', (store) => {
  let database: Database;
  let tokens: OauthTokens;
  let end: () => Promise<void>;
  beforeEach(async () => {
    const fresh = store === 'postgres' ? await freshDatabase() : undefined;
    database = await openDatabase(fresh?.url ?? 'file::memory:');
    end = async () => {
      await database.close();
      await fresh?.drop();
    };
    tokens = new OauthTokens(database);
    await tokens.keep(ACME, PAIR, LONG);
  });
  afterEach(() => end());

  const kept = async (): Promise<KeptAccess> => {
    const found = await tokens.find(ACME.account);
    if (!found) throw new Error('nothing is kept');
    return found;
  };

  it('is there as it was given', async () => {
    expect(await kept()).toEqual({
      ...ACME,
      ...PAIR,
      version: 0,
      isExpired: false,
      isDue: false,
      isPutOff: false,
    });
    expect(await tokens.find('another')).toBeUndefined();
  });

  it('is due, and then expired', async () => {
    await tokens.keep(ACME, PAIR, { refreshInMs: 0, expiresInMs: 60_000 });
    expect(await kept()).toMatchObject({ isDue: true, isExpired: false, version: 1 });
    await tokens.keep(ACME, PAIR, { refreshInMs: 0, expiresInMs: 0 });
    expect(await kept()).toMatchObject({ isDue: true, isExpired: true });
  });

  it('is changed by one alone, of however many want to at once', async () => {
    const access = await kept();
    const got = await Promise.all(Array.from({ length: 6 }, () => tokens.lease(access, LEASE_MS)));
    expect(got.filter(Boolean)).toHaveLength(1);
    expect(await tokens.renew(access, NEXT, LONG)).toBe(true);
    expect(await kept()).toMatchObject({ ...NEXT, version: 1 });
    expect(await tokens.lease(access, LEASE_MS)).toBe(false);
    expect(await tokens.lease(await kept(), LEASE_MS)).toBe(true);
  });

  it('is changed by another once whoever was to do it has died', async () => {
    expect(await tokens.lease(await kept(), 0)).toBe(true);
    expect(await tokens.lease(await kept(), LEASE_MS)).toBe(true);
  });

  it('takes a pair that comes late, unless there is a later one', async () => {
    const access = await kept();
    await tokens.fail(access, 'refused', 0);
    expect(await tokens.renew(access, NEXT, LONG)).toBe(true);
    expect((await kept()).fault).toBeUndefined();
    expect(await tokens.renew(access, PAIR, LONG)).toBe(false);
    expect(await kept()).toMatchObject(NEXT);
  });

  it('tells a fault once, and lets others try afterwards', async () => {
    const access = await kept();
    await tokens.lease(access, LEASE_MS);
    expect(await tokens.fail(access, 'unpaid', 60_000)).toBe(true);
    expect(await kept()).toMatchObject({ fault: 'unpaid', isPutOff: true });
    expect(await tokens.fail(access, 'unpaid', 0)).toBe(false);
    expect(await kept()).toMatchObject({ fault: 'unpaid', isPutOff: false });
    expect(await tokens.lease(access, LEASE_MS)).toBe(true);
  });

  it('keeps a trouble that passes to itself', async () => {
    expect(await tokens.fail(await kept(), undefined, 60_000)).toBe(false);
    expect(await kept()).toMatchObject({ isPutOff: true });
    expect((await kept()).fault).toBeUndefined();
  });

  it('hears nothing of a pair that is not there any more', async () => {
    const access = await kept();
    await tokens.keep(ACME, NEXT, LONG);
    expect(await tokens.fail(access, 'refused', 0)).toBe(false);
    expect((await kept()).fault).toBeUndefined();
  });

  it('is forgotten when it is taken back, also while it is being changed', async () => {
    const access = await kept();
    await tokens.lease(access, LEASE_MS);
    expect(await tokens.takeBack(ACME.number, 'off')).toBe(ACME.host);
    expect(await tokens.renew(access, NEXT, LONG)).toBe(false);
    expect(await kept()).toMatchObject({ access: '', refresh: '', fault: 'off' });
    expect(await tokens.takeBack(ACME.number, 'off')).toBeUndefined();
    expect(await tokens.takeBack('1', 'off')).toBeUndefined();
  });

  it('is there again with a new consent', async () => {
    await tokens.takeBack(ACME.number, 'off');
    await tokens.keep({ ...ACME, host: 'renamed.amocrm.ru' }, NEXT, LONG);
    expect(await kept()).toMatchObject({ ...NEXT, host: 'renamed.amocrm.ru', version: 2 });
    expect((await kept()).fault).toBeUndefined();
  });
});

describe('access that is kept in a file', () => {
  it('goes by the journal’s clock', async () => {
    let ms = 0;
    const clock = new JournalClock(
      () => 1_700_000_000_000,
      () => ms,
    );
    const database = await openDatabase('file::memory:', clock);
    const tokens = new OauthTokens(database);
    await tokens.keep(ACME, PAIR, LONG);
    ms = LONG.refreshInMs - 1;
    expect(await tokens.find(ACME.account)).toMatchObject({ isDue: false });
    ms = LONG.refreshInMs;
    expect(await tokens.find(ACME.account)).toMatchObject({ isDue: true, isExpired: false });
    ms = LONG.expiresInMs;
    expect(await tokens.find(ACME.account)).toMatchObject({ isExpired: true });
    await database.close();
  });
});
