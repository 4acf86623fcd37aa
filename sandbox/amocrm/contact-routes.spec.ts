import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInCaller } from './stand-in-caller.ts';

let sandbox: Sandbox;
let rest: StandInCaller;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new ManualClock(), amojo: { restPerSecond: 0 } });
  rest = new StandInCaller(sandbox);
});

afterEach(() => sandbox.close());

const phone = (value: unknown, enum_code = 'MOB') => ({
  field_code: 'PHONE',
  values: [{ value, enum_code }],
});
const ANNA = { name: 'Анна К.', custom_fields_values: [phone('+79995550142')] };

async function added(body: unknown = [ANNA]): Promise<number> {
  const { json } = await rest.post('/contacts', body);
  return (json as { _embedded: { contacts: { id: number }[] } })._embedded.contacts[0]?.id ?? 0;
}

const find = (query: string) => rest.get(`/contacts?query=${encodeURIComponent(query)}`);

describe('contacts', () => {
  it('are 204 without a body where there are none', async () => {
    const answer = await find('9995550142');
    expect(answer.status).toBe(204);
    expect(answer.body).toHaveLength(0);
    expect((await rest.get('/contacts/1')).status).toBe(204);
  });

  it('are made with their phone, and answered with id and request_id', async () => {
    expect(await rest.post('/contacts', [{ ...ANNA, request_id: 'mine' }, ANNA])).toMatchObject({
      status: 200,
      json: {
        _embedded: {
          contacts: [
            { id: expect.any(Number), request_id: 'mine' },
            { id: expect.any(Number), request_id: '1' },
          ],
        },
      },
    });
    expect(sandbox.amojo.crm().cards.contacts).toHaveLength(2);
  });

  it.each(['9995550142', '+7 (999) 555-01-42', 'анна', '55501'])(
    'are found by %s',
    async (query) => {
      const id = await added();
      expect((await find(query)).json).toMatchObject({
        _page: 1,
        _embedded: {
          contacts: [
            {
              id,
              name: 'Анна К.',
              custom_fields_values: [
                {
                  field_code: 'PHONE',
                  field_type: 'multitext',
                  values: [{ value: '+79995550142', enum_code: 'MOB' }],
                },
              ],
              account_id: 31_990_077,
            },
          ],
        },
      });
      expect((await find('9995550143')).status).toBe(204);
    },
  );

  it('show their leads where they are asked for', async () => {
    const { id } = sandbox.amojo.crm().addContact('Иван', '79995550188', 'open');
    const [lead] = sandbox.amojo.crm().cards.leads;
    const asked = await rest.get(`/contacts/${id}?with=leads`);
    expect(asked.json).toMatchObject({ _embedded: { leads: [{ id: lead?.id }] } });
    expect((await rest.get(`/contacts/${id}`)).json).not.toHaveProperty('_embedded.leads');
  });

  it('come in pages of at most 250', async () => {
    for (const name of ['раз', 'два', 'три']) await added([{ name }]);
    const first = await rest.get('/contacts?limit=2');
    expect(first.json).toHaveProperty('_links.next.href', expect.stringContaining('page=2'));
    const last = await rest.get('/contacts?limit=2&page=2');
    expect(last.json).toMatchObject({ _embedded: { contacts: [{ name: 'три' }] } });
    expect(last.json).not.toHaveProperty('_links.next');
    expect((await rest.get('/contacts?limit=251')).status).toBe(422);
  });

  it('are changed in what a request names, and in nothing else', async () => {
    const id = await added();
    const fields = { custom_fields_values: [phone('+79995550199')] };
    expect((await rest.call('PATCH', `/contacts/${id}`, fields)).status).toBe(200);
    await rest.call('PATCH', '/contacts', [{ id, name: 'Анна' }]);
    expect((await find('5550199')).json).toMatchObject({
      _embedded: { contacts: [{ name: 'Анна' }] },
    });
    expect((await find('5550142')).status).toBe(204);
    expect((await rest.call('PATCH', '/contacts/1', fields)).status).toBe(404);
  });

  it.each([
    ['0.name', 'InvalidType', [{ name: 5 }]],
    ['0.responsible_user_id', 'InvalidType', [{ responsible_user_id: '5' }]],
    ['0.custom_fields_values', 'InvalidType', [{ custom_fields_values: {} }]],
    ['0.custom_fields_values.0.field_id', 'FieldMissing', [{ custom_fields_values: [{}] }]],
    [
      '0.custom_fields_values.0.values.0.value',
      'InvalidType',
      [{ custom_fields_values: [phone(79_995_550_142)] }],
    ],
    [
      '1.custom_fields_values.0.values.0.enum_code',
      'NotSupportedChoice',
      [ANNA, { custom_fields_values: [phone('+79995550142', 'MOBILE')] }],
    ],
  ])('with a wrong %s are refused, all of the request', async (path, code, body) => {
    expect(await rest.post('/contacts', body)).toMatchObject({
      status: 400,
      json: {
        'validation-errors': [
          { request_id: path[0], errors: [{ code, path, detail: expect.any(String) }] },
        ],
        title: 'Bad Request',
        type: 'https://httpstatus.es/400',
        status: 400,
        detail: 'Request validation failed',
      },
    });
    expect(sandbox.amojo.crm().cards.contacts).toEqual([]);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'contacts', status: 400 }]);
  });

  it('are a list that is not empty', async () => {
    const empty = await rest.post('/contacts', []);
    expect(empty.json).toMatchObject({ status: 400, detail: 'Request data can not be empty' });
    expect((await rest.post('/contacts', ANNA)).status).toBe(400);
    expect((await rest.post('/contacts', Array(251).fill(ANNA))).status).toBe(422);
  });
});
