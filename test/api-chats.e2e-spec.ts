import { IVAN, startCalled, VERA, type ApiCaller } from './api-caller.js';
import type { BridgeOptions } from './bridge.js';

let bridge: Awaited<ReturnType<typeof startCalled>>['bridge'];
let api: ApiCaller;

async function start(options: BridgeOptions = {}) {
  const all = await startCalled(options);
  ({ bridge, api } = all);
  return all;
}

/** With amoCRM's REST interface beside its chats. */
async function startWithCrm() {
  const all = await start();
  const { server, settings } = all.sandbox.amojo;
  await bridge.restart({ AMOCRM_BASE_URL: server.url, AMOCRM_TOKEN: settings.restToken });
  return { ...all, cards: all.sandbox.amojo.crm().cards };
}

afterEach(() => bridge.stop());

const TO_VERA = { address: VERA, channel: '71844' };
const CONTACT = { name: 'Вера' };
let keys = 0;
const fresh = () => `fresh-${(keys += 1)}`;
const open = async (more: object = {}) => {
  const { body } = await api.post('/chats', { ...TO_VERA, name: 'Вера', ...more }, fresh());
  return String(body['chatId']);
};
const link = (chatId: string, body: object, key = fresh()) =>
  api.post(`/chats/${chatId}/contact`, body, key);

describe('a chat of another program', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'is made once, is seen with its first message, and is the one the client answers in, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      const made = await api.post('/chats', { ...TO_VERA, name: 'Вера' }, fresh());
      expect(made).toMatchObject({
        status: 201,
        body: { conversationId: `edna:71844:${VERA}`, participantId: expect.any(String) },
      });
      expect(sandbox.chats).toEqual([]);
      const again = await api.post(
        '/chats',
        { address: '+7 999 555-01-42', channel: '71844' },
        fresh(),
      );
      expect(again).toMatchObject({ status: 200, body: { chatId: made.body['chatId'] } });
      const { chatId } = made.body;
      const inChat = { conversation: { chatId } };
      await api.post('/messages', api.asManager('Отвечал по телефону', inChat), fresh());
      await api.reached('Отвечал по телефону');
      await sandbox.client(VERA).writes('Спасибо');
      const { chat } = await api.reached('Спасибо');
      expect(chat.id).toBe(chatId);
      const answer = await sandbox.manager.writes(VERA, 'Пожалуйста');
      await sandbox.until(() => answer.tick.state === 'read');
      expect(sandbox.ledger()).toMatchObject({ violations: 0, missing: 0, chats: 1 });
    },
  );

  it('of a client whom a manager wrote first is the manager’s', async () => {
    const { sandbox } = await start();
    const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    await sandbox.until(() => hello.tick.state === 'read');
    const to = { address: IVAN, channel: '71844' };
    expect(await api.post('/chats', to, fresh())).toMatchObject({
      status: 200,
      body: { chatId: hello.chat.id },
    });
    await api.post('/messages', api.asManager('Ещё по телефону', { conversation: to }), fresh());
    await api.reached('Ещё по телефону');
    await sandbox.client(IVAN).writes('Здравствуйте');
    await api.reached('Здравствуйте');
    expect(hello.chat.messages.map(({ text }) => text)).toEqual([
      'Добрый день!',
      'Ещё по телефону',
      'Здравствуйте',
    ]);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1, leads: 0 });
  });

  it('is read page by page, to its end; one that nobody knows is empty', async () => {
    const { sandbox } = await start();
    const chatId = await open();
    for (let n = 1; n <= 5; n += 1) {
      await api.post('/messages', n % 2 ? api.asClient(`${n}`) : api.asManager(`${n}`), fresh());
    }
    await api.reached('5');
    const read: string[][] = [];
    for (let offset: string | undefined = '0'; offset !== undefined;) {
      const { status, body } = await api.get(`/chats/${chatId}/history?limit=2&offset=${offset}`);
      expect(status).toBe(200);
      read.push((body['messages'] as { text: string }[]).map(({ text }) => text));
      offset = body['next'] === undefined ? undefined : JSON.stringify(body['next']);
    }
    expect(read).toEqual([['5', '4'], ['3', '2'], ['1']]);
    const [oleg] = sandbox.amojo.settings.managers;
    const { body } = await api.get(`/chats/${chatId}/history`);
    expect((body['messages'] as object[])[1]).toMatchObject({
      id: expect.stringMatching(/^api:/),
      amoMessageId: expect.any(String),
      sender: { id: oleg?.id, name: 'Олег' },
      receiver: { name: 'Вера' },
      type: 'text',
      at: expect.stringMatching(/Z$/),
    });
    const nobody = await api.get('/chats/1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53/history');
    expect(nobody).toMatchObject({ status: 200, body: { messages: [] } });
    for (const query of ['limit=51', 'limit=0', 'limit=x', 'offset=-1', 'limit=2&limit=3']) {
      expect(await api.get(`/chats/${chatId}/history?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid' },
      });
    }
    expect(sandbox.violations).toEqual([]);
  });
});

describe('a chat and a contact that exists', () => {
  it('are linked, with a lead that is there or a new one, each of them once', async () => {
    const { sandbox, cards } = await startWithCrm();
    const contact = cards.addContact(CONTACT);
    const chatId = await open();
    expect(await link(chatId, { contactId: contact.id })).toMatchObject({
      status: 200,
      body: { chatId, contactId: contact.id },
    });
    expect(cards.linkOf(chatId)).toMatchObject({ contactId: contact.id });

    const lead = cards.addLead({ name: 'Была' });
    const linked = await link(chatId, { contact_id: contact.id, lead_id: lead.id });
    expect(linked.body).toEqual({ chatId, contactId: contact.id, leadId: lead.id });
    expect(lead.contactIds).toEqual([contact.id]);

    const wanted = { contactId: contact.id, autoCreateLead: true, lead: { name: 'Заказ 118' } };
    const made = await link(chatId, wanted, 'once');
    expect(made.status).toBe(200);
    expect(await link(chatId, wanted, 'once')).toEqual({ ...made, replayed: true });
    const named = cards.leads.filter(({ name }) => name === 'Заказ 118');
    expect(named).toMatchObject([{ id: made.body['leadId'], contactIds: [contact.id] }]);

    await sandbox.client(VERA).writes('Здравствуйте');
    await api.reached('Здравствуйте');
    expect(cards.leads).toHaveLength(2);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1, leads: 0 });
  });

  it.each([
    ['was opened', () => open()],
    [
      'was written to in a manager’s name',
      async () => {
        await api.post('/messages', api.asManager('Отвечал по телефону'), fresh());
        await api.reached('Отвечал по телефону');
      },
    ],
    [
      'was written to in the client’s name',
      async () => {
        await api.post('/messages', api.asClient('Заявка с сайта'), fresh());
        await api.reached('Заявка с сайта');
      },
    ],
  ])(
    'come together with the client’s first message, where the chat %s and linked to nobody',
    async (_, begin) => {
      const { sandbox, cards } = await startWithCrm();
      const known = sandbox.amojo.crm().addContact('Вера', '8 (999) 555-01-42', 'open');
      await begin();
      await sandbox.client(VERA).writes('Здравствуйте');
      const { chat } = await api.reached('Здравствуйте');
      await sandbox.until(() => cards.contactOf(chat.id) !== undefined);
      expect(cards.contactOf(chat.id)?.id).toBe(known.id);
      expect(cards.contacts).toHaveLength(1);
      expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1 });
    },
  );

  it('are linked for a client whom amoCRM knows from another channel alone', async () => {
    const { sandbox, cards } = await startWithCrm();
    await sandbox.client(VERA).writes('Здравствуйте');
    const { chat } = await api.reached('Здравствуйте');
    await sandbox.until(() => cards.contactOf(chat.id) !== undefined);
    const [vera] = cards.contacts;
    // As long as the search does not find it: amoCRM makes it a while after the message.
    vera?.fields.delete('PHONE');
    const there = { conversation: { address: VERA, channel: '71845' } };
    await api.post('/messages', api.asClient('И здесь тоже', there), fresh());
    const second = await api.reached('И здесь тоже');
    expect(second.chat.id).not.toBe(chat.id);
    expect(cards.contactOf(second.chat.id)?.id).toBe(vera?.id);
    expect(cards.contacts).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 2 });
  });

  it('get one lead though amoCRM’s answer was lost', async () => {
    const { sandbox, cards } = await startWithCrm();
    const contact = cards.addContact(CONTACT);
    const chatId = await open();
    sandbox.amojo.faults.add({ kind: 'hang-after', endpoint: 'leads', method: 'POST', times: 1 });
    const wanted = { contactId: contact.id, autoCreateLead: true, lead: { name: 'Заказ 118' } };
    expect(await link(chatId, wanted, 'once')).toMatchObject({
      status: 504,
      body: { code: 'amocrm-no-answer' },
    });
    const made = await link(chatId, wanted, 'once');
    expect(made).toMatchObject({ status: 200, body: { leadId: cards.leads[0]?.id } });
    expect(cards.leads).toHaveLength(1);
  });

  it('are not linked where one of them is not there, or nothing could be asked', async () => {
    const { sandbox, cards } = await startWithCrm();
    const contact = cards.addContact(CONTACT);
    const chatId = await open();
    const nobody = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';
    const refused: [string, object, string][] = [
      [chatId, { contactId: 1 }, 'contact-unknown'],
      [nobody, { contactId: contact.id }, 'chat-unknown'],
      [chatId, { contactId: contact.id, leadId: 1 }, 'lead-unknown'],
      [chatId, { contactId: 1, autoCreateLead: true }, 'contact-unknown'],
    ];
    for (const [chat, body, code] of refused) {
      expect(await link(chat, body)).toMatchObject({ status: 404, body: { code } });
    }
    expect(cards.leads).toEqual([]);
    const wrong: [object, RegExp][] = [
      [{}, /^contactId: /],
      [{ contactId: '7' }, /^contactId: /],
      [{ contactId: 7, leadId: 8, autoCreateLead: true }, /^leadId, autoCreateLead: /],
      [{ contactId: 7, lead: { name: 'x' } }, /^lead: /],
      [{ contactId: 7, autoCreateLead: true, lead: { pipelineId: 'x' } }, /^lead.pipelineId: /],
    ];
    for (const [body, message] of wrong) {
      expect(await link(chatId, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid', message: expect.stringMatching(message) },
      });
    }
    const unpaid = sandbox.amojo.faults.add({
      kind: 'answer',
      status: 402,
      endpoint: 'contact-chats',
    });
    expect(await link(chatId, { contactId: contact.id })).toMatchObject({
      status: 502,
      body: { code: 'amocrm-refused' },
    });
    unpaid.clear();
    await bridge.restart();
    expect(await link(chatId, { contactId: contact.id })).toMatchObject({
      status: 409,
      body: { code: 'crm-not-configured' },
    });
  });
});

describe('the account of a line', () => {
  const state = async () => {
    const { body } = await api.get('/lines');
    return (body['lines'] as { state: string }[]).map((line) => line.state);
  };
  const named = () => encodeURIComponent(bridge.sandbox.scopeId);

  it.each(['sqlite', 'postgres'] as const)(
    'stays off its channel until it is connected again, through a restart, and nothing is lost, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      await sandbox.client(VERA).writes('раз');
      await api.reached('раз');
      expect(await state()).toEqual(['connected']);
      expect(await api.post(`/channels/${named()}/disconnect`, {})).toMatchObject({
        status: 200,
        body: { state: 'disconnected', toAmocrm: 'shut' },
      });
      expect(sandbox.amojo.isConnected).toBe(false);
      await sandbox.client(VERA).writes('два');
      await api.post('/messages', api.asManager('три'), fresh());
      const connects = sandbox.requests('connect').length;
      await bridge.restart();
      await sandbox.client(VERA).writes('четыре');
      expect(await state()).toEqual(['disconnected']);
      expect(sandbox.requests('connect')).toHaveLength(connects);
      expect(api.texts).toEqual(['раз']);

      expect(await api.post(`/channels/${named()}/connect`, {})).toMatchObject({
        status: 200,
        body: { state: 'connected' },
      });
      await api.reached('четыре');
      expect(api.texts).toEqual(['раз', 'два', 'три', 'четыре']);
      expect(await state()).toEqual(['connected']);
      expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1, leads: 1 });
    },
  );

  it('is what it was where amoCRM does not answer, and a late repeat changes nothing', async () => {
    const { sandbox } = await start();
    const { faults } = sandbox.amojo;
    const down = faults.add({ kind: 'answer', status: 503, endpoint: 'disconnect' });
    expect(await api.post(`/channels/${named()}/disconnect`, {}, 'off-1')).toMatchObject({
      status: 502,
      body: { code: 'amocrm-fault' },
    });
    down.clear();
    await sandbox.client(VERA).writes('раз');
    await api.reached('раз');
    expect(await state()).toEqual(['connected']);

    await api.post(`/channels/${named()}/disconnect`, {}, 'off-2');
    await api.post(`/channels/${named()}/connect`, {}, 'on-1');
    await sandbox.client(VERA).writes('два');
    await api.reached('два');
    expect(await api.post(`/channels/${named()}/disconnect`, {}, 'off-2')).toMatchObject({
      status: 200,
      replayed: true,
    });
    expect(sandbox.amojo.isConnected).toBe(true);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, missing: 0 });
  });

  it('is shown without any secret', async () => {
    const { sandbox } = await start();
    const { body } = await api.get('/lines');
    expect(body['lines']).toMatchObject([
      { key: sandbox.scopeId, accountId: sandbox.amojo.settings.accountId, toEdna: 'open' },
    ]);
    const said = JSON.stringify(body);
    for (const secret of [sandbox.amojo.settings.channelSecret, sandbox.edna.settings.apiKey]) {
      expect(said).not.toContain(secret);
    }
  });
});
