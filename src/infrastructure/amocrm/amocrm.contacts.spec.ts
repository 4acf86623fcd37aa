import type { Line } from '../../domain/line.js';
import { TokenDesk } from '../../../test/token-desk.js';
import type { Upstream } from '../../../test/upstream.js';
import { AmocrmContacts } from './amocrm.contacts.js';

const PHONE = '79995550142';

describe('AmocrmContacts', () => {
  let desk: TokenDesk;
  let upstream: Upstream;
  let contacts: AmocrmContacts;
  let line: Line;
  beforeEach(async () => {
    desk = await TokenDesk.open();
    await desk.begin({ token: 'eyJ-token' });
    ({ upstream, line } = desk);
    contacts = new AmocrmContacts(desk.accounts);
  });
  afterEach(() => desk.close());

  const card = (id: number, phones: readonly unknown[], leads: readonly number[] = []) => ({
    id,
    updated_at: 1_770_000_000 + id,
    custom_fields_values: [
      { field_code: 'EMAIL', values: [{ value: PHONE }] },
      { field_code: 'PHONE', values: phones.map((value) => ({ value, enum_code: 'MOB' })) },
    ],
    _embedded: { leads: leads.map((one) => ({ id: one })) },
  });
  const page = (name: string, ...items: unknown[]) => ({ body: { _embedded: { [name]: items } } });

  it.each(['+7 (999) 555-01-42', '8 999 555 01 42', '79995550142', '9995550142', '8-999-555-0142'])(
    'finds a card that has the number as %s',
    async (written) => {
      upstream.next(page('contacts', card(7, ['+7 495 000-00-00', written])));
      expect(await contacts.withPhone(PHONE, line)).toEqual([
        { id: 7, hasOpenLead: false, changedAt: new Date(1_770_000_007_000) },
      ]);
      expect(upstream.last.path).toBe('/api/v4/contacts?query=9995550142&with=leads&limit=50');
    },
  );

  it.each(['+1 999 555 01 42', '999555014', '', 7, null])(
    'does not take %s for the number, though the search found it',
    async (written) => {
      upstream.next(page('contacts', card(7, [written])));
      expect(await contacts.withPhone(PHONE, line)).toEqual([]);
    },
  );

  it('finds a number of another country as its managers write it', async () => {
    upstream.next(page('contacts', card(7, ['8 727 258 00 00'])));
    const found = await contacts.withPhone('77272580000', {
      ...line,
      edna: { ...line.edna, phoneCountry: 'KZ' },
    });
    expect(found).toHaveLength(1);
  });

  it('tells which cards are worked on', async () => {
    upstream.next(page('contacts', card(7, [PHONE], [70]), card(8, [PHONE], [80, 81])));
    upstream.next(
      page(
        'leads',
        { id: 70, status_id: 142 },
        { id: 80, status_id: 143 },
        { id: 81, status_id: 5 },
      ),
    );
    const found = await contacts.withPhone(PHONE, line);
    expect(found.map(({ id, hasOpenLead }) => [id, hasOpenLead])).toEqual([
      [7, false],
      [8, true],
    ]);
    expect(upstream.last.path).toBe(
      '/api/v4/leads?filter[id][]=70&filter[id][]=80&filter[id][]=81&limit=50',
    );
  });

  it.each([0, 300_000, -300_000])(
    'finds the lead that was made since a call began, where amoCRM’s clock is %d ms ahead',
    async (aheadMs) => {
      const theirs = (ms: number) => ({ date: new Date(ms + aheadMs).toUTCString() });
      const seconds = (ms: number) => Math.floor((ms + aheadMs) / 1000);
      const since = Date.now() - 10_000;
      const lead = (id: number, ms: number) => ({ id, name: 'Shoes', created_at: seconds(ms) });
      const find = (...leads: ReturnType<typeof lead>[]) => {
        const headers = theirs(Date.now());
        upstream.next(
          { headers, body: card(7, [PHONE], [70, 71]) },
          { headers, ...page('leads', ...leads) },
        );
        return contacts.findLead({ name: 'Shoes', contactId: 7 }, new Date(since), line);
      };
      const older = lead(70, since - 5_000);
      expect(await find(older, lead(71, since + 1_000))).toBe(71);
      expect(await find(older)).toBeUndefined();
      expect(await find({ ...lead(71, since + 1_000), name: 'Boots' })).toBeUndefined();
    },
  );

  it('says that there is no such contact any more, where the lead of one is looked for', async () => {
    upstream.next({ status: 404, body: '' });
    const found = contacts.findLead({ contactId: 7 }, new Date(), line);
    await expect(found).rejects.toMatchObject({ name: 'NotInCrm', what: 'contact' });
  });

  it('finds nothing where amoCRM has nothing, or answers something else', async () => {
    upstream.next({ status: 204, body: '' });
    upstream.next({ body: '<html>' });
    upstream.next({ body: { _embedded: { contacts: [null, 7, { id: 'x' }, {}] } } });
    for (let i = 0; i < 3; i += 1) expect(await contacts.withPhone(PHONE, line)).toEqual([]);
  });

  it('tells the card of a chat, and puts a chat into one', async () => {
    upstream.next(page('chats', { chat_id: 'a b', contact_id: 7, id: 1 }));
    expect(await contacts.ofChat('a b', line)).toBe(7);
    expect(upstream.last.path).toBe('/api/v4/contacts/chats?chat_id[]=a%20b');
    upstream.next({ status: 204, body: '' });
    expect(await contacts.ofChat('a b', line)).toBeUndefined();
    upstream.next({ body: {} });
    await contacts.linkChat('a b', 7, line);
    expect(upstream.last).toMatchObject({
      method: 'POST',
      path: '/api/v4/contacts/chats',
      json: [{ contact_id: 7, chat_id: 'a b' }],
    });
  });

  it.each([401, 402, 403, 429, 500])('says that it could not be asked: %d', async (status) => {
    for (let i = 0; i < 4; i += 1) upstream.next({ status, body: '<html>' });
    await expect(contacts.withPhone(PHONE, line)).rejects.toThrow(`amocrm answered ${status}`);
  });
});
