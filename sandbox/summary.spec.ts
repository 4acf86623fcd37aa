import type { ClientContent, WritingOptions } from './edna/client-message.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { StandInBridge } from './stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const ANNA = '79995550142';
const PLAIN = { id: `edna:${ANNA}`, name: 'А' };
const FOREIGN = { id: `wa_${ANNA}`, name: 'А' };
const LOCATION = { type: 'LOCATION', location: { latitude: 1, longitude: 2 } };
let lastMsgid = 0;

const intoChat = (message: object, sender: object = PLAIN) =>
  bridge.scope('', {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid: `m-${(lastMsgid += 1)}`,
      conversation_id: 'c1',
      sender,
      message: { type: 'text', ...message },
    },
  });
const onPhone = async (text: string, requestId: string, address = ANNA) => {
  const before = sandbox.client(address).sees.length;
  await bridge.edna('/api/cascade/schedule', {
    requestId,
    cascadeId: 9026,
    subscriberFilter: { address, type: 'PHONE' },
    content: { whatsappContent: { contentType: 'TEXT', text } },
  });
  await sandbox.until(() => sandbox.client(address).sees.length > before);
};
const writes = (content: ClientContent, options?: WritingOptions) =>
  sandbox.client(ANNA).writes(content, options);

describe('a bridge with ids of its own making', () => {
  it.each([
    ['a phone in the profile', { id: 'u-1', name: 'А', profile: { phone: '+7 (999) 555-01-42' } }],
    ['an address inside its id', FOREIGN],
  ])('is known by %s', async (_, sender) => {
    await writes('Есть?');
    await intoChat({ text: 'Есть?' }, sender);
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
    await intoChat({ text: 'Есть?' }, sender);
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 1 });
    await sandbox.manager.writes('c1', 'Есть');
    expect(sandbox.ledger().missing).toBe(1);
    await onPhone('Есть', 'r-1');
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 1 });
  });

  it('has its chats found by the address of the client', async () => {
    await intoChat({ text: 'Есть?' }, FOREIGN);
    expect(sandbox.chat(ANNA).clientId).toBe('c1');
  });
});

it('a number that was written with a plus and gaps is the client of its digits', async () => {
  const { chat } = await sandbox.manager.writesFirst('+7 999 555-01-77', 'Добрый день!');
  await onPhone('Добрый день!', 'r-1', '79995550177');
  expect(sandbox.ledger()).toMatchObject({ missing: 0, seenByClients: 1 });
  expect(sandbox.chat('79995550177')).toBe(chat);
});

it('a number that was written with 8, or without a code, is the same client', async () => {
  await sandbox.manager.writesFirst('8 (999) 555-01-77', 'Добрый день!');
  await sandbox.manager.writesFirst('999 555-01-88', 'Добрый день!');
  expect(sandbox.ledger().missing).toBe(2);
  await onPhone('Добрый день!', 'r-1', '79995550177');
  await onPhone('Добрый день!', 'r-2', '79995550188');
  expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
});

it('words that were corrected are not missed where the latest stand in the chat', async () => {
  const { id } = await writes('Беру одни');
  await writes('Беру один', { id: Number(id) });
  expect(sandbox.ledger().missing).toBe(1);
  await intoChat({ text: 'Беру один' });
  expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
});

describe('a reaction', () => {
  const reacts = (emoji: string, to = sandbox.client(ANNA).wrote[0]) =>
    writes({ type: 'REACTION', emoji }, { replyTo: to });
  const told = (type: 'react' | 'unreact', emoji?: string, msgid = `m-${lastMsgid}`) =>
    bridge.scope('/react', {
      type,
      conversation_id: 'c1',
      msgid,
      user: { id: PLAIN.id },
      ...(emoji !== undefined && { emoji }),
    });
  const missing = () => sandbox.ledger().missing;

  beforeEach(async () => {
    await writes('Есть?');
    await intoChat({ text: 'Есть?' });
  });

  it('is missed until it stands on a message, another in its place, and again until it is gone', async () => {
    await reacts('👍');
    expect(missing()).toBe(1);
    await told('react', '👍');
    expect(missing()).toBe(0);
    await reacts('❤');
    expect(missing()).toBe(1);
    await told('react', '❤');
    expect(missing()).toBe(0);
    await reacts('');
    expect(missing()).toBe(1);
    await told('unreact');
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0, violations: 0 });
  });

  it('is missed where an equal one stands on one message only', async () => {
    await writes('А синий?');
    await intoChat({ text: 'А синий?' });
    await reacts('👍');
    await reacts('👍', sandbox.client(ANNA).wrote[1]);
    await told('react', '👍');
    expect(missing()).toBe(1);
  });

  it('may be put into words', async () => {
    await reacts('👍');
    await intoChat({ text: '[реакция 👍]' });
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
  });
});

describe('what has no words of its own', () => {
  const CONTACT = { type: 'CONTACT', contact: { name: 'П', phones: [{ phone: '+79995550177' }] } };
  const PICK = { type: 'LIST_PICKER', items: [{ identifier: '2', title: 'Вечером' }] };
  const ORDER = { type: 'ORDER', order: { id: 7 } };

  it.each([
    ['a place', LOCATION, { type: 'location', location: { lat: 1, lon: 2 } }],
    ['a place, put into words', LOCATION, { text: '1, 2' }],
    ['a contact', CONTACT, { type: 'contact', contact: { name: 'П', phone: '79995550177' } }],
    ['a choice', PICK, { text: 'Вечером' }],
    ['a choice, put into words', PICK, { text: 'Выбрано: Вечером' }],
    ['an order', ORDER, { text: '[Заказ]' }],
    ['something unknown', { type: 'HOLOGRAM' }, { text: '[Неизвестное]' }],
    [
      'an answer to a story, with the story in words',
      { type: 'TEXT', text: 'Красиво!', story: { id: 's-1' } },
      { text: '> s-1\nКрасиво!' },
    ],
    ['a text with nothing in it', { type: 'TEXT' }, { text: '[Пусто]' }],
  ])('is missed and counted twice as well: %s', async (_, content, message) => {
    await writes('Здравствуйте');
    await intoChat({ text: 'Здравствуйте' });
    await writes(content);
    expect(sandbox.ledger()).toMatchObject({ missing: 1, doubled: 0 });
    await intoChat(message);
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
    await intoChat(message);
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 1 });
  });

  it('may come as two rows, and equal ones as equal rows', async () => {
    await writes(LOCATION);
    await intoChat({ type: 'location', location: { lat: 1, lon: 2 } });
    await intoChat({ text: 'Причал 4' });
    await writes(ORDER);
    await writes(ORDER);
    await intoChat({ text: '[Заказ]' });
    await intoChat({ text: '[Заказ]' });
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
  });

  it('leaves room for what the bridge itself has to say about two refused messages', async () => {
    await writes('раз');
    await writes('два');
    await intoChat({ text: '[не удалось передать]' });
    await intoChat({ text: '[не удалось передать]' });
    expect(sandbox.ledger().doubled).toBe(0);
  });

  it('is missed on the phone too', async () => {
    await intoChat({ text: 'Здравствуйте' });
    await sandbox.manager.offersList('c1', { body: 'Когда?' });
    expect(sandbox.ledger().missing).toBe(1);
    await onPhone('Когда?', 'r-1');
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
  });
});

describe('an error that is told of what stands on the phone', () => {
  const ERROR = { status_code: -1, error_code: 903 };
  const report = (id: string) => bridge.scope(`/${id}/delivery_status`, ERROR);
  const readReceiptTaken = () =>
    sandbox.until(() =>
      sandbox.edna.callbacks.some(({ raw, state }) => raw.includes('READ') && state === 'taken'),
    );

  beforeEach(async () => {
    await intoChat({ text: 'Здравствуйте' });
  });

  it('is a breach once the bridge has taken the receipt', async () => {
    const { id } = await sandbox.manager.writes('c1', 'Есть');
    await onPhone('Есть', 'r-1');
    await readReceiptTaken();
    await report(id);
    expect(sandbox.violations).toMatchObject([
      { endpoint: 'delivery-status', status: 200, reason: expect.stringMatching('phone') },
    ]);
  });

  it('is none while the bridge has no receipt', async () => {
    bridge.answers = ({ path }) => (path.endsWith('/edna') ? 500 : 200);
    const { id } = await sandbox.manager.writes('c1', 'Есть');
    await onPhone('Есть', 'r-1');
    await sandbox.until(() => sandbox.edna.callbacks.some(({ attempts }) => attempts.length > 0));
    await report(id);
    expect(sandbox.violations).toEqual([]);
  });

  it('is none of two equal messages where one has not come', async () => {
    const { id } = await sandbox.manager.writes('c1', 'ok');
    await sandbox.manager.writes('c1', 'ok');
    await onPhone('ok', 'r-2');
    await readReceiptTaken();
    await report(id);
    expect(sandbox.violations).toEqual([]);
  });
});
