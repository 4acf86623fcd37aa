import { ACCOUNT_ID, aLine } from '../../test/builders.js';
import { FakeCrmAccess } from '../../test/fakes/crm-access.js';
import { AccessEvents, type AccessEvent } from '../domain/crm-access.js';
import { DeliveryError } from '../domain/errors.js';
import { Lines } from '../domain/line.js';
import { ConnectAccount, NotOurAccount, NotOurHost } from './connect-account.js';

const SANDBOX = '127.0.0.1:28102';

describe('an account that an administrator has opened', () => {
  let access: FakeCrmAccess;
  let events: AccessEvent[];
  let connect: ConnectAccount;
  beforeEach(() => {
    access = new FakeCrmAccess();
    events = [];
    const heard = new AccessEvents();
    heard.listen((event) => events.push(event));
    const lines = new Lines([{ ...aLine(), crm: { baseUrl: `http://${SANDBOX}` } }]);
    connect = new ConnectAccount(access, lines, heard);
  });

  it('is kept where a line is joined to it', async () => {
    access.accountId = ACCOUNT_ID.toUpperCase();
    await connect.execute('Acme.amocrm.ru', 'def502', true);
    expect(access.redeemed).toEqual([{ host: 'acme.amocrm.ru', code: 'def502' }]);
    expect(access.kept).toHaveLength(1);
    expect(events).toEqual([]);
  });

  it('is not kept where no line is', async () => {
    access.accountId = '8d2f1c34-9b7e-4a05-8c61-3f5e0d7a9b12';
    await expect(connect.execute('beta.amocrm.ru', 'def502', true)).rejects.toThrow(NotOurAccount);
    expect(access.kept).toEqual([]);
    expect(events).toMatchObject([{ event: 'consent-refused', account: 'beta.amocrm.ru' }]);
  });

  it('that does not take the code says why', async () => {
    access.fails = new DeliveryError('blocked', 'amocrm answered 400: not valid');
    await expect(connect.execute('acme.amocrm.ru', 'x', true)).rejects.toBe(access.fails);
    expect(events).toEqual([
      {
        event: 'consent-refused',
        account: 'acme.amocrm.ru',
        why: 'amocrm answered 400: not valid',
      },
    ]);
  });

  it.each(['acme.amocrm.ru', 'acme.amocrm.com', 'acme-2.kommo.com', SANDBOX])(
    'may live at %s',
    async (host) => {
      await connect.execute(host, 'def502', true);
      expect(access.kept).toMatchObject([{ host }]);
    },
  );

  it.each([
    'evil.test',
    'amocrm.ru',
    'acme.amocrm.ru.evil.test',
    'evil.test/acme.amocrm.ru',
    'acme.amocrm.ru:8080',
    'acme.amocrm.ru/',
    'acme.amocrm.ru@evil.test',
    'evil.test#.amocrm.ru',
    'evil.test\\.amocrm.ru',
    'a.b.amocrm.ru',
    '-acme.amocrm.ru',
    'acme.amocrm.ru\n',
    'xamocrm.ru',
    '127.0.0.1',
    '127.0.0.1:28103',
    '169.254.169.254',
    '',
  ])('does not live at %j: nothing is sent there', async (host) => {
    await expect(connect.execute(host, 'def502', true)).rejects.toThrow(NotOurHost);
    expect(access.redeemed).toEqual([]);
  });

  it('that nobody of ours has asked for is one of the settings', async () => {
    await connect.execute(SANDBOX, 'def502', false);
    await expect(connect.execute('acme.amocrm.ru', 'def502', false)).rejects.toThrow(NotOurHost);
    expect(access.redeemed).toHaveLength(1);
  });
});
