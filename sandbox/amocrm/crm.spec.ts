import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { isOpen, isUnsorted } from './lead.ts';
import { StandInCaller } from './stand-in-caller.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;
let rest: StandInCaller;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, amojo: { connected: true, restPerSecond: 0 } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  rest = new StandInCaller(sandbox);
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const CLIENT = { id: 'pulse-user-9', name: 'Анна К.', profile: { phone: '79995550142' } };

/** The client writes, and amoCRM has done what it does about it a little later. */
async function writes(msgid: string, payload: object = {}): Promise<void> {
  await bridge.scope('', {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid,
      conversation_id: 'pulse-conv-42',
      sender: CLIENT,
      message: { type: 'text', text: 'Привет' },
      ...payload,
    },
  });
  clock.advance(1000);
}

async function chatId(): Promise<string> {
  const { json } = await bridge.scope('/chats', { conversation_id: 'pulse-conv-42', user: CLIENT });
  return (json as { id: string }).id;
}

const cards = () => sandbox.amojo.crm().cards;
const link = (contact_id: unknown, chat_id: unknown) =>
  rest.post('/contacts/chats', [{ contact_id, chat_id }]);

describe('a live message of somebody unknown', () => {
  it('opens a contact with the phone, and an incoming lead, a little later', async () => {
    sandbox.amojo.settings.leadDelayMs = 10_000;
    await writes('1');
    expect(sandbox.ledger().leads).toBe(1);
    expect((await rest.get('/leads')).status).toBe(204);
    clock.advance(9000);
    expect((await rest.get('/leads?with=contacts')).json).toMatchObject({
      _embedded: { leads: [{ closed_at: null, _embedded: { contacts: [{ is_main: true }] } }] },
    });
    expect((await rest.get('/contacts?query=9995550142')).json).toMatchObject({
      _embedded: { contacts: [{ name: 'Анна К.', is_unsorted: true }] },
    });
    expect(cards().leads.map(isUnsorted)).toEqual([true]);
  });

  it('opens an ordinary lead where incoming leads are off', async () => {
    sandbox.amojo.settings.isUnsortedOn = false;
    await writes('1');
    expect(cards().leads.map(isUnsorted)).toEqual([false]);
    expect(cards().contacts).toMatchObject([{ isUnsorted: false }]);
    expect((await rest.get('/account')).json).toMatchObject({ is_unsorted_on: false });
  });

  it('opens one lead, however many messages come before it is there', async () => {
    sandbox.amojo.settings.leadDelayMs = 10_000;
    for (const id of ['1', '2', '3']) await writes(id);
    clock.advance(10_000);
    await writes('4');
    expect(cards()).toMatchObject({ leads: [{}], contacts: [{}] });
    expect(sandbox.ledger().leads).toBe(1);
  });

  it('opens nothing where it is silent', async () => {
    await writes('1', { silent: true });
    expect(cards()).toMatchObject({ leads: [], contacts: [] });
  });

  it('goes to the pipeline of its source, or of the default one', async () => {
    const { sources } = sandbox.amojo.crm();
    sources.add({ name: 'A', externalId: 'pulse-wa-main', pipelineId: 500 });
    sources.add({ name: 'B', externalId: 'pulse-wa-2', pipelineId: 600, isDefault: true });
    await writes('1', { source: { external_id: 'pulse-wa-main' } });
    await writes('2', { conversation_id: 'another', source: { external_id: 'deleted' } });
    expect(cards().leads.map(({ pipelineId }) => pipelineId)).toEqual([500, 600]);
  });

  it('is accepted by moving its lead on', async () => {
    await writes('1');
    const [lead] = cards().leads;
    const status_id = (lead?.pipelineId ?? 0) + 2;
    await rest.call('PATCH', `/leads/${lead?.id}`, { status_id });
    expect(cards()).toMatchObject({
      leads: [{ statusId: status_id, closedAt: null }],
      contacts: [{ isUnsorted: false }],
    });
  });

  it('opens the next lead of the same contact once the first is closed', async () => {
    await writes('1');
    const [first] = cards().leads;
    if (first === undefined) throw new Error('the client wrote');
    cards().closeLead(first, 'lost');
    await writes('2');
    expect(cards().leads.map(isOpen)).toEqual([false, true]);
    expect(cards().contacts).toHaveLength(1);
  });
});

describe('a chat that was linked to a contact', () => {
  it.each(['open', 'closed', undefined] as const)(
    'opens no lead, whether the contact has an open one, a closed one or none: %s',
    async (lead) => {
      const { id } = sandbox.amojo.crm().addContact('Анна', '79995550142', lead);
      const before = cards().leads.length;
      expect((await link(id, await chatId())).status).toBe(200);
      await writes('1');
      expect(cards().leads).toHaveLength(before);
      expect(cards().contacts).toHaveLength(1);
      expect(sandbox.ledger().leads).toBe(0);
    },
  );

  it('opens one for a contact without an open lead where the switch says so', async () => {
    sandbox.amojo.settings.linkedChatLead = 'unless-open';
    const { id } = sandbox.amojo.crm().addContact('Анна', '79995550142', 'closed');
    await link(id, await chatId());
    await writes('1');
    await writes('2');
    expect(cards().leadsOf(id).map(isOpen)).toEqual([false, true]);
    expect(cards().contacts).toHaveLength(1);
  });

  it('has one contact, and a new link id after every link', async () => {
    const chat_id = await chatId();
    const anna = sandbox.amojo.crm().addContact('Анна', '79995550142');
    const ivan = sandbox.amojo.crm().addContact('Иван', '79995550188');
    const first = await link(anna.id, chat_id);
    expect(first.json).toEqual({
      _total_items: 1,
      _embedded: {
        chats: [{ chat_id, contact_id: anna.id, id: expect.any(Number), request_id: '0' }],
      },
    });
    const second = await link(ivan.id, chat_id);
    expect(second.json).not.toEqual(first.json);
    expect((await rest.get(`/contacts/chats?contact_id[]=${anna.id}`)).status).toBe(204);
    const found = await rest.get(`/contacts/chats?chat_id=${chat_id}`);
    expect(found.json).toEqual({
      _total_items: 1,
      _embedded: { chats: [{ chat_id, contact_id: ivan.id, id: expect.any(Number) }] },
    });
  });

  it('is refused with 400 for a contact or a chat that is not there', async () => {
    const chat = await chatId();
    const { id } = sandbox.amojo.crm().addContact('Анна', '79995550142');
    expect((await link(1, chat)).json).toMatchObject({
      'validation-errors': [
        {
          request_id: '0',
          errors: [
            {
              code: 'NotSupportedChoice',
              path: '0.contact_id',
              detail: 'The value you selected is not a valid choice.',
            },
          ],
        },
      ],
    });
    expect((await link(id, 'pulse-conv-42')).status).toBe(400);
    expect((await link(String(id), chat)).status).toBe(400);
    expect((await rest.get('/contacts/chats')).status).toBe(400);
  });

  it('needs an administrator, an integration of the channel, and no cookies', async () => {
    const chat = await chatId();
    const { id } = sandbox.amojo.crm().addContact('Анна', '79995550142');
    const headers = { Authorization: `Bearer ${rest.token}`, Cookie: 'session_id=1' };
    const body = [{ contact_id: id, chat_id: chat }];
    expect((await rest.post('/contacts/chats', body, headers)).status).toBe(403);
    sandbox.amojo.settings.isIntegrationOfChannel = false;
    expect((await link(id, chat)).status).toBe(403);
    sandbox.amojo.settings.isIntegrationOfChannel = true;
    sandbox.amojo.settings.isAdminToken = false;
    expect((await link(id, chat)).status).toBe(403);
  });
});

describe('a chat with an incoming lead', () => {
  it('stands in the card of that lead’s contact', async () => {
    await writes('1');
    const [contact] = cards().contacts;
    const found = await rest.get(`/contacts/chats?chat_id[]=${await chatId()}`);
    expect(found.json).toMatchObject({ _embedded: { chats: [{ contact_id: contact?.id }] } });
  });
});

describe('a manager who writes first', () => {
  it('does so from the card of a contact with a lead', async () => {
    const known = sandbox.amojo.crm().addContact('Иван', '+79995550188');
    const { chat } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    expect(cards().contactOf(chat.id)?.id).toBe(known.id);
    expect(cards().leadsOf(known.id)).toHaveLength(1);
    expect(sandbox.ledger().leads).toBe(0);
  });
});

describe('leads', () => {
  it('are made, moved, closed and joined to contacts', async () => {
    const { id } = sandbox.amojo.crm().addContact('Анна', '79995550142');
    const made = await rest.post('/leads', [{ name: 'Заказ', price: 500 }]);
    const lead = (made.json as { _embedded: { leads: { id: number }[] } })._embedded.leads[0]?.id;
    const to = [{ to_entity_id: id, to_entity_type: 'contacts' }];
    expect((await rest.post(`/leads/${lead}/link`, to)).status).toBe(200);
    expect((await rest.get(`/leads/${lead}?with=contacts`)).json).toMatchObject({
      name: 'Заказ',
      price: 500,
      _embedded: { contacts: [{ id }] },
    });
    await rest.call('PATCH', `/leads/${lead}`, { status_id: 143 });
    expect((await rest.get(`/leads/${lead}`)).json).toMatchObject({
      status_id: 143,
      closed_at: Math.floor(clock.now() / 1000),
    });
    expect((await rest.get('/leads/1')).status).toBe(204);
    expect((await rest.post('/leads', [{ price: '500' }])).status).toBe(400);
    expect((await rest.post('/leads', Array(51).fill({}))).status).toBe(422);
  });
});

describe('an incoming lead', () => {
  it('is accepted by a move into another pipeline', async () => {
    await writes('1');
    const [lead] = cards().leads;
    const [contact] = cards().contacts;
    expect(lead && isUnsorted(lead)).toBe(true);
    expect(contact?.isUnsorted).toBe(true);
    const target = { pipeline_id: 90_400, status_id: 90_402 };
    await rest.call('PATCH', `/leads/${lead?.id}`, target);
    expect(lead).toMatchObject({ pipelineId: 90_400, statusId: 90_402 });
    expect(contact?.isUnsorted).toBe(false);
  });

  it('stands in the first stage of a pipeline it is moved into without one', async () => {
    await writes('1');
    const [lead] = cards().leads;
    await rest.call('PATCH', `/leads/${lead?.id}`, { pipeline_id: 90_400 });
    expect(lead).toMatchObject({ pipelineId: 90_400, statusId: 90_402 });
    expect(cards().contacts[0]?.isUnsorted).toBe(false);
  });
});

describe('talks', () => {
  it('open with a message, are closed once, and the next message opens the next', async () => {
    await writes('1');
    expect((await rest.get('/talks/1')).json).toMatchObject({
      talk_id: 1,
      chat_id: await chatId(),
      contact_id: cards().contacts[0]?.id,
      entity_id: cards().leads[0]?.id,
      entity_type: 'lead',
      is_in_work: true,
      is_read: false,
    });
    const close = () => rest.post('/talks/1/close', { force_close: true });
    expect((await close()).status).toBe(202);
    expect((await close()).status).toBe(422);
    await writes('2');
    expect((await rest.get('/talks')).json).toMatchObject({
      _embedded: { talks: [{ is_in_work: false }, { talk_id: 2, is_in_work: true }] },
    });
    expect((await rest.get('/talks/9')).status).toBe(404);
  });
});
