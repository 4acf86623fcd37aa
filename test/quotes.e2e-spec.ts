import { createHmac } from 'node:crypto';
import type { ChatMessage } from '../sandbox/amojo/chat.ts';
import { Bridge } from './bridge.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0 };

let bridge: Bridge;

afterEach(() => bridge.stop());

const messages = (): readonly ChatMessage[] => bridge.sandbox.chat(VERA).messages;
const seen = (): readonly (string | null)[] =>
  bridge.sandbox.client(VERA).sees.map(({ content }) => content.text);

/** Vera has asked, and the manager's answer is read. */
async function afterAnAnswer(): Promise<{ question: ChatMessage; answer: ChatMessage }> {
  const { sandbox } = bridge;
  await sandbox.client(VERA).writes('Есть?');
  await sandbox.until(() => messages().length === 1);
  const answer = await sandbox.manager.writes(VERA, 'Есть два');
  await sandbox.until(() => answer.tick.state === 'read');
  const [question] = messages();
  if (!question) throw new Error('no question');
  return { question, answer };
}

/** As a program between amoCRM and us would post it. */
async function postAsAmocrm(body: unknown): Promise<number> {
  const { sandbox, url, settings } = bridge;
  const raw = JSON.stringify(body);
  const secret = settings['AMOCRM_CHANNEL_SECRET'] ?? '';
  const signature = createHmac('sha1', secret).update(raw).digest('hex');
  const headers = { 'Content-Type': 'application/json', 'X-Signature': signature };
  const answer = await sandbox.post(`${url}/webhooks/amocrm`, {
    method: 'POST',
    headers,
    body: raw,
  });
  return answer.status ?? 0;
}

describe('quotes', () => {
  it('of clients are links in the chat, whichever side wrote what is quoted', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const { question, answer } = await afterAnAnswer();
    const vera = sandbox.client(VERA);
    await vera.writes('Беру', { replyTo: vera.sees[0] });
    await vera.writes('Хотя нет', { replyTo: vera.wrote[0] });
    await sandbox.until(() => messages().length === 4);
    expect(messages().slice(2)).toMatchObject([
      { text: 'Беру', replyTo: { id: answer.id } },
      { text: 'Хотя нет', replyTo: { id: question.id } },
    ]);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
  });

  it('of managers stand above the answer', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const { question, answer } = await afterAnAnswer();
    const first = await sandbox.manager.replies(question, 'Красный и синий');
    const second = await sandbox.manager.replies(answer, 'Уже три');
    await sandbox.until(() => first.tick.state === 'read' && second.tick.state === 'read');
    expect(seen().slice(1)).toEqual(['↩ «Есть?»\nКрасный и синий', '↩ «Есть два»\nУже три']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
  });

  it('of what amoCRM does not know cost the link, and not the message', async () => {
    bridge = await Bridge.start({
      sandbox: { amojo: { connected: true, unknownQuote: 'reject400' } },
    });
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    const { question } = await afterAnAnswer();
    const replyInMessageId = vera.wrote[0]?.id ?? 0;
    // amoCRM has forgotten it; the journal has not.
    question.clientId = 'gone';
    sandbox.amojo.faults.add({ kind: 'answer', status: 400, endpoint: 'message', times: 1 });
    await vera.writes({ type: 'IMAGE', caption: 'Вот' }, { overrides: { replyInMessageId } });
    await vera.writes('А это?', { overrides: { replyInMessageId: 404 } });
    await sandbox.until(() => messages().length === 4);
    expect(messages().slice(2)).toMatchObject([
      { type: 'picture', text: '↩ «Есть?»\nВот' },
      { type: 'text', text: 'А это?' },
    ]);
  });
});

describe('reactions of clients', () => {
  it('stand at their messages, or in a line of their own', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    const { answer } = await afterAnAnswer();
    await vera.writes({ type: 'REACTION', text: '👍' }, { replyTo: vera.sees[0] });
    await vera.writes({ type: 'REACTION', emoji: '👎' }, { overrides: { replyInMessageId: 404 } });
    await sandbox.until(() => messages().length === 3);
    expect(answer.reactions).toMatchObject([{ emoji: '👍' }]);
    expect(messages()[2]).toMatchObject({ type: 'text', text: '👎' });
  });

  it('at what amoCRM calls an unknown channel, though it knows it, hold up nobody', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    await afterAnAnswer();
    sandbox.amojo.faults.add({
      kind: 'answer',
      status: 404,
      body: { status: 0, error_code: 404, error_type: 'ORIGIN_NOT_REGISTERED' },
      endpoint: 'react',
    });
    await vera.writes({ type: 'REACTION', text: '👍' }, { replyTo: vera.sees[0] });
    await vera.writes('Алло');
    await sandbox.until(() => messages().length === 4);
    expect(messages().map(({ text }) => text)).toEqual([
      'Есть?',
      'Есть два',
      '↩ «Есть два»\n👍',
      'Алло',
    ]);
    expect(sandbox.requests('react')).toHaveLength(1);
  });

  it('are taken back without a word, and hold up nothing where there is nothing to take back', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    const { answer, question } = await afterAnAnswer();
    const takesBack = { type: 'REACTION', emoji: '' };
    await vera.writes({ type: 'REACTION', emoji: '👍' }, { replyTo: vera.sees[0] });
    await vera.writes({ type: 'REACTION', emoji: '❤️' }, { replyTo: vera.wrote[0] });
    await sandbox.until(() => answer.reactions.length === 1 && question.reactions.length === 1);
    await vera.writes({ ...takesBack, emoji: null }, { replyTo: vera.sees[0] });
    await vera.writes(takesBack, { replyTo: vera.wrote[0] });
    await sandbox.until(() => answer.reactions.length + question.reactions.length === 0);

    const gone = sandbox.amojo.faults.add({ kind: 'answer', status: 404, endpoint: 'react' });
    await vera.writes(takesBack, { replyTo: vera.sees[0] });
    await vera.writes(takesBack, { overrides: { replyInMessageId: 404 } });
    await vera.writes(takesBack);
    await vera.writes('Алло');
    await sandbox.until(() => messages().length === 3);
    expect(messages()[2]).toMatchObject({ type: 'text', text: 'Алло' });
    expect(gone.hits).toBe(1);
    expect(sandbox.requests('react').slice(2, 4)).toMatchObject([
      { body: { type: 'unreact', id: answer.id } },
      { body: { type: 'unreact', msgid: question.clientId } },
    ]);
    const { body } = await sandbox.post(`${bridge.url}/health/ready`, { method: 'GET' });
    expect(JSON.parse(body.toString())).toMatchObject({ failedInbound: 0, quarantined: 0 });
  });
});

describe('a client’s message that edna corrects', () => {
  it('is corrected in the chat, once', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    const { question } = await afterAnAnswer();
    const id = Number(vera.wrote[0]?.id);
    await vera.writes('Есть три?', { id });
    await vera.writes('Есть три?', { id });
    await sandbox.until(() => question.isEdited);
    await vera.writes('Алло');
    await sandbox.until(() => messages().length === 3);
    expect(messages().map(({ text }) => text)).toEqual(['Есть три?', 'Есть два', 'Алло']);
  });
});

describe('what amoCRM tells of messages that are there', () => {
  it('is taken in every layout, and sends the client nothing', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const { question, answer } = await afterAnAnswer();
    for (const shape of ['sample', 'table'] as const) {
      await sandbox.manager.types(VERA, shape);
      await sandbox.manager.reacts(question, '👍', shape);
      await sandbox.manager.reacts(answer, null, shape);
    }
    const edited = { event: 'message_updated', payload: { message: { id: answer.id } } };
    const deleted = { event: 'message_deleted', payload: { message: { id: 'nobody’s' } } };
    expect(await postAsAmocrm(edited)).toBe(200);
    expect(await postAsAmocrm(deleted)).toBe(200);
    const last = await sandbox.manager.writes(VERA, 'До встречи');
    await sandbox.until(() => last.tick.state === 'read');
    expect(seen()).toEqual(['Есть два', 'До встречи']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
    const { body } = await sandbox.post(`${bridge.url}/health/ready`, { method: 'GET' });
    expect(JSON.parse(body.toString())).toMatchObject({ quarantined: 0 });
  });

  it('brings a message in an envelope as it would without', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const { answer } = await afterAnAnswer();
    const payload = {
      message: { id: 'w-1', text: 'В конверте', date: 1772529480 },
      sender: { id: '93', name: 'Олег' },
      conversation: { id: answer.chat.id },
      account: { id: '12345678', subdomain: 'acme' },
    };
    expect(await postAsAmocrm({ event: 'new_message', payload })).toBe(200);
    expect(await postAsAmocrm({ event: 'new_message', payload })).toBe(200);
    await sandbox.until(() => seen().length === 2);
    expect(seen()).toEqual(['Есть два', 'В конверте']);
  });

  it('is dropped where it is the client’s own message, before amoCRM has answered for it', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    await afterAnAnswer();
    const late = sandbox.amojo.faults.add({ kind: 'hang-after', endpoint: 'message', times: 1 });
    await sandbox.client(VERA).writes('Мой заказ?');
    await late.caught();
    const mine = messages().at(-1);
    const time = mine?.timestamp;
    const echo = {
      account_id: bridge.settings['AMOCRM_ACCOUNT_ID'],
      time,
      message: {
        conversation: { id: mine?.chat.id, client_id: mine?.chat.clientId },
        sender: { id: mine?.sender.id, client_id: mine?.sender.clientId },
        receiver: {},
        timestamp: time,
        message: { id: mine?.id, client_id: mine?.clientId, type: 'text', text: mine?.text },
      },
    };
    expect(await postAsAmocrm(echo)).toBe(200);
    const last = await sandbox.manager.writes(VERA, 'До встречи');
    await sandbox.until(() => last.tick.state === 'read');
    expect(seen()).toEqual(['Есть два', 'До встречи']);
  });

  it('is dropped where it is the client’s own message', async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    const { sandbox } = bridge;
    const { question } = await afterAnAnswer();
    const echo = {
      message: { id: question.id, text: question.text, date: question.timestamp },
      sender: { id: question.sender.id },
      conversation: { id: question.chat.id },
      account: { id: 'any' },
    };
    expect(await postAsAmocrm(echo)).toBe(200);
    const last = await sandbox.manager.writes(VERA, 'До встречи');
    await sandbox.until(() => last.tick.state === 'read');
    expect(seen()).toEqual(['Есть два', 'До встречи']);
  });
});
