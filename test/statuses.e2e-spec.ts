import { randomUUID } from 'node:crypto';
import type { ChatMessage } from '../sandbox/amojo/chat.ts';
import type { EdnaStatus, OutMessage } from '../sandbox/edna/out-message.ts';
import { Bridge } from './bridge.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, ignoredTexts: 0 };

let bridge: Bridge;

beforeEach(async () => {
  bridge = await Bridge.start({
    sandbox: { amojo: { connected: true }, edna: { statuses: 'manual' } },
  });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
});

afterEach(() => bridge.stop());

/** A manager's message that edna has taken, in as many parts as edna makes of it. */
async function sent(content: Parameters<typeof bridge.sandbox.manager.writes>[1], parts = 1) {
  const { sandbox } = bridge;
  const before = sandbox.client(VERA).addressed.length;
  const answer = await sandbox.manager.writes(VERA, content);
  await sandbox.until(() => sandbox.client(VERA).addressed.length === before + parts);
  return { answer, parts: sandbox.client(VERA).addressed.slice(before) };
}

function report(message: OutMessage | undefined, status: string, overrides: object = {}) {
  if (!message) throw new Error('edna has no such message');
  return bridge.sandbox.edna.report(message, status as EdnaStatus, { overrides: { ...overrides } });
}

/** The marks a message got, in order, once it shows the last of them. */
async function marks({ reports }: ChatMessage, last: number): Promise<number[]> {
  await bridge.sandbox.until(() => reports.at(-1)?.statusCode === last);
  expect(bridge.sandbox.ledger()).toMatchObject(KEPT);
  return reports.map(({ statusCode }) => statusCode);
}

describe('the mark of a message', () => {
  it('shows what came before edna has answered the send', async () => {
    const { sandbox } = bridge;
    sandbox.edna.settings.statuses = ['SENT', 'DELIVERED', 'READ'];
    const held = sandbox.edna.faults.add({ kind: 'hold', endpoint: 'schedule' });
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    await held.caught();
    await sandbox.until(() => answer.tick.state === 'read');
    held.release();

    const next = await sandbox.manager.writes(VERA, 'Отправляем');
    held.clear();
    await sandbox.until(() => next.tick.state === 'read');
    expect(answer.reports.at(-1)?.statusCode).toBe(2);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0, seenByClients: 2 });
  });

  it('only climbs, whatever comes twice or late', async () => {
    const { answer, parts } = await sent('Есть');
    const [message] = parts;
    await report(message, 'READ');
    for (const late of ['DELIVERED', 'SENT', 'UNDELIVERED', 'READ']) await report(message, late);

    const { answer: next, parts: others } = await sent('Отправляем');
    await report(others[0], 'DELIVERED');
    await report(others[0], 'DELIVERED');
    await report(others[0], 'READ');
    // Marks of one chat go in order, so nothing of the first is still on its way.
    expect((await marks(next, 2)).filter((code) => code === 2)).toHaveLength(1);
    expect(await marks(answer, 2)).toEqual([2]);
  });

  it('is that of the part that lags behind', async () => {
    const { sandbox } = bridge;
    const answer = await sandbox.manager.writes(VERA, { type: 'picture', text: 'Прайс' });
    await sandbox.until(() => sandbox.client(VERA).addressed.length === 1);
    await report(sandbox.client(VERA).addressed[0], 'READ');
    await sandbox.until(() => sandbox.client(VERA).addressed.length === 2);
    await report(sandbox.client(VERA).addressed[1], 'DELIVERED');
    expect(await marks(answer, 1)).toEqual([1]);
    await report(sandbox.client(VERA).addressed[1], 'READ');
    expect(await marks(answer, 2)).toEqual([1, 2]);
  });

  it('is not moved by SENT, ENQUEUED, DELAYED, nor by a word nobody knows', async () => {
    const { answer, parts } = await sent('Есть');
    for (const status of ['SENT', 'ENQUEUED', 'DELAYED', 'TELEPORTED', 'ACCEPTED']) {
      await report(parts[0], status);
    }
    const { answer: next, parts: others } = await sent('Отправляем');
    await report(others[0], 'READ');
    expect(await marks(next, 2)).toEqual([2]);
    expect(answer.reports).toEqual([]);
    await report(parts[0], 'DELIVERED');
    expect(await marks(answer, 1)).toEqual([1]);
  });

  it('climbs from an error once there is proof that the message arrived', async () => {
    const { answer, parts } = await sent('Есть');
    await report(parts[0], 'UNDELIVERED');
    expect(await marks(answer, -1)).toEqual([-1]);
    await report(parts[0], 'DELIVERED');
    await report(parts[0], 'EXPIRED');
    expect(await marks(answer, 1)).toEqual([-1, 1]);
  });

  it.each(['delivered', 'Delivered', ' DELIVERED '])(
    'is read from "%s" as well',
    async (status) => {
      const { answer, parts } = await sent('Есть');
      await report(parts[0], 'DELIVERED', { status });
      expect(await marks(answer, 1)).toEqual([1]);
    },
  );

  it('is found by the comment where edna leaves the request id out', async () => {
    const { answer, parts } = await sent('Есть');
    await report(parts[0], 'READ', { requestId: null, messageId: null });
    expect(await marks(answer, 2)).toEqual([2]);
  });

  it('is not touched by news of messages that are not ours', async () => {
    const { answer, parts } = await sent('Есть');
    const strange = { requestId: randomUUID(), messageId: 5, comment: 'of another system' };
    expect(await report(parts[0], 'READ', strange)).toMatchObject({ state: 'taken' });
    const nobody = { requestId: null, messageId: null, comment: null };
    expect(await report(parts[0], 'READ', nobody)).toMatchObject({ state: 'taken' });
    await report(parts[0], 'DELIVERED');
    expect(await marks(answer, 1)).toEqual([1]);
  });
});

/** What edna says went wrong, and what the manager reads. */
const FAILURES: readonly (readonly [string, string | null, number, string])[] = [
  [
    'UNDELIVERED',
    'not-whatsapp-user',
    904,
    'На этом номере нет WhatsApp. Позвоните или выберите другой канал.',
  ],
  [
    'UNDELIVERED',
    'user-blocked',
    905,
    'Клиент недоступен: он заблокировал нас, или его номер заблокирован.',
  ],
  ['UNDELIVERED', null, 905, 'edna не приняла сообщение. (UNDELIVERED)'],
  ['FAILED', null, 903, 'Сбой на стороне edna. Повторите через несколько минут.'],
  ['FAILED', 'error-system', 903, 'Сбой на стороне edna. Повторите через несколько минут.'],
  ['FAILED', 'error-subject-unknown', 902, 'Канал отключён в edna. Сообщите администратору.'],
  [
    'FAILED',
    'error-address-format',
    904,
    'Телефон записан неверно. Исправьте в карточке: +7 и 10 цифр.',
  ],
  [
    'FAILED',
    'error-insufficient-balance',
    902,
    'Закончились деньги на счёте edna. Сообщите администратору.',
  ],
  ['EXPIRED', null, 905, 'Не доставлено в срок: телефон клиента выключен или не в сети.'],
  [
    'CANCELLED',
    null,
    905,
    'Похоже, такой текст уже отправлен меньше 20 минут назад. Измените его.',
  ],
  [
    'NO-MATCH-TEMPLATE',
    null,
    905,
    'Прошло 24 часа с последнего сообщения клиента. Отправьте шаблон.',
  ],
  [
    'no_match_template',
    null,
    905,
    'Прошло 24 часа с последнего сообщения клиента. Отправьте шаблон.',
  ],
];

describe('a message that failed at edna', () => {
  it('shows why, in words a manager understands', async () => {
    for (const [status, error, code, text] of FAILURES) {
      const { answer, parts } = await sent(`${status} ${error}`);
      await report(parts[0], status, { error });
      await bridge.sandbox.until(() => answer.tick.state === 'error');
      expect(answer.tick).toEqual({ state: 'error', code, error: text });
    }
  });

  it('because the same text went a moment ago says so', async () => {
    const { answer } = await sent('ок');
    const { answer: again } = await sent('ок');
    await bridge.sandbox.until(() => again.tick.state === 'error');
    expect(again.tick).toMatchObject({ code: 905, error: expect.stringContaining('20 минут') });
    expect(answer.reports).toEqual([]);
    expect(bridge.sandbox.ledger()).toMatchObject({ ...KEPT, cancelled: 1 });
  });
});
