import { KeptLog } from '../../../test/fakes/log.ts';
import { ACCOUNT_ID } from '../../../test/builders.js';
import { DeliveryError } from '../../domain/errors.js';
import { CrmDirectory } from '../../domain/ports.js';
import { openDatabase, type Database } from '../journal/database.js';
import { AccountId, AccountUnknown } from './account-id.js';

const ACCOUNT = { baseUrl: 'https://acme.amocrm.test', token: 'eyJ' };

class FakeDirectory extends CrmDirectory {
  id: string | DeliveryError = ACCOUNT_ID;

  override amojoId(): Promise<string> {
    return this.id instanceof DeliveryError ? Promise.reject(this.id) : Promise.resolve(this.id);
  }
}

describe('the account’s id', () => {
  let directory: FakeDirectory;
  let database: Database;
  let account: AccountId;
  let log: KeptLog;
  beforeEach(async () => {
    log = KeptLog.begin();
    directory = new FakeDirectory();
    database = await openDatabase('file::memory:');
    account = new AccountId(directory);
  });
  afterEach(() => database.close());

  const refused = new DeliveryError('blocked', 'amocrm answered 401');

  it('is what amoCRM says', async () => {
    expect(await account.lookUp(database, ACCOUNT)).toBe(ACCOUNT_ID);
    expect(log.lines).toEqual([]);
  });

  it('is the one from before while amoCRM does not answer, and a warning says so', async () => {
    await account.lookUp(database, ACCOUNT);
    directory.id = refused;
    expect(await new AccountId(directory).lookUp(database, ACCOUNT)).toBe(ACCOUNT_ID);
    expect(log.lines).toEqual([
      { level: 'warn', message: expect.objectContaining({ why: 'amocrm answered 401' }) },
    ]);
  });

  it('is the latest one that amoCRM said', async () => {
    await account.lookUp(database, ACCOUNT);
    directory.id = 'another';
    expect(await account.lookUp(database, ACCOUNT)).toBe('another');
    directory.id = refused;
    expect(await account.lookUp(database, ACCOUNT)).toBe('another');
  });

  it('that nobody ever knew is an error that says how to mend it', async () => {
    directory.id = refused;
    const unknown = account.lookUp(database, ACCOUNT);
    await expect(unknown).rejects.toThrow(AccountUnknown);
    await expect(unknown).rejects.toThrow(/AMOCRM_ACCOUNT_ID.*amocrm answered 401.*AMOCRM_TOKEN/);
  });
});
