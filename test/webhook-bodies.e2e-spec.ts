import type { JsonObject } from '../sandbox/json.ts';
import { Bridge } from './bridge.js';

const VERA = '79995550142';
/** Meta's limit for an answer; what clients write may be longer. */
const WHATSAPP_TEXT_CHARS = 4096;
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, missing: 0 };
const MIB = 1024 * 1024;
const ADMIN = 'spec-admin-token';

let bridge: Bridge;

/** Vera has a chat; whatever comes next, she is heard and answered. */
beforeEach(async () => {
  bridge = await Bridge.start({
    environment: { ADMIN_TOKEN: ADMIN },
    sandbox: { amojo: { connected: true } },
  });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  await bridge.sandbox.until(() => rows().length === 1);
});

afterEach(() => bridge.stop());

const rows = () => bridge.sandbox.chat(VERA).messages;
const shown = () => bridge.sandbox.client(VERA).sees.map(({ content }) => content.text);

type Side = 'edna' | 'amocrm';

async function post(side: Side, body: unknown, headers?: Record<string, string>) {
  const { sandbox } = bridge;
  const answer =
    side === 'edna'
      ? await sandbox.postAsEdna(body, headers)
      : await sandbox.postAsAmocrm(body, headers);
  return { status: answer.status, body: JSON.parse(answer.body.toString() || 'null') as unknown };
}

async function quarantine(): Promise<string[]> {
  const { sandbox, url } = bridge;
  const headers = { Authorization: `Bearer ${ADMIN}` };
  const { body } = await sandbox.post(`${url}/admin/quarantine`, { method: 'GET', headers });
  const { entries } = JSON.parse(body.toString()) as { entries: { reason: string }[] };
  return entries.map(({ reason }) => reason);
}

async function bothStillWork(): Promise<void> {
  const { sandbox } = bridge;
  await sandbox.client(VERA).writes('Слышно?');
  const answer = await sandbox.manager.writes(VERA, 'Слышно');
  await sandbox.until(() => answer.tick.state === 'read');
  await sandbox.until(() => rows().some(({ text }) => text === 'Слышно?'));
  expect(sandbox.ledger()).toMatchObject(KEPT);
}

describe.each<Side>(['edna', 'amocrm'])('at the webhook of %s', (side) => {
  it('what is not JSON is refused with words, and kept nowhere', async () => {
    for (const body of ['', 'hello', '{"id":', '<xml/>', 'a=1&b=2', '[{}']) {
      expect(await post(side, body)).toEqual({
        status: 400,
        body: { code: 'not-json', message: expect.any(String) },
      });
    }
    expect(await quarantine()).toEqual([]);
    await bothStillWork();
  });

  it('a mebibyte is read, and one byte more is not', async () => {
    const fill = (bytes: number) => `{"x":"${'y'.repeat(bytes - 8)}"}`;
    expect(await post(side, fill(MIB))).toMatchObject({ status: 200 });
    expect(await post(side, fill(MIB + 1))).toEqual({
      status: 413,
      body: { code: 'too-large', message: expect.any(String) },
    });
    expect(await quarantine()).toEqual(['unknown-shape']);
    await bothStillWork();
  });

  it('a hundred thousand brackets hurt nobody', async () => {
    const deep = '['.repeat(100_000);
    const objects = '{"message":'.repeat(50_000);
    expect(await post(side, deep)).toMatchObject({ status: 400 });
    expect(await post(side, deep + ']'.repeat(100_000))).toMatchObject({ status: 200 });
    expect(await post(side, `${objects}1${'}'.repeat(50_000)}`)).toMatchObject({ status: 200 });
    expect((await quarantine()).length).toBe(2);
    await bothStillWork();
  });

  it('a shape that nobody knows is kept for the operator', async () => {
    for (const body of [{}, { hello: 'world' }, 5, 'text', null, true]) {
      const raw = JSON.stringify(body);
      expect(await post(side, raw)).toEqual({ status: 200, body: { code: 'ok' } });
    }
    expect(await quarantine()).toEqual(Array(6).fill('unknown-shape'));
    await bothStillWork();
  });
});

describe("a client's message", () => {
  it('with something wrong in a field it cannot do without is kept for the operator', async () => {
    const wrong: readonly JsonObject[] = [
      { id: null },
      { id: { a: 1 } },
      { subscriber: null },
      { subscriber: 5 },
      { subscriber: { identifier: '' } },
      { messageContent: [1] },
      { messageContent: { type: 'TEXT', text: { a: 1 } } },
      { subjectId: 'a:b' },
    ];
    for (const overrides of wrong) {
      const { callback } = bridge.sandbox.client(VERA).prepares('Есть?', { overrides });
      expect(await post('edna', callback.raw)).toMatchObject({ status: 200 });
    }
    expect(await quarantine()).toEqual([
      'invalid: subjectId',
      'invalid: messageContent.text',
      'invalid: messageContent',
      'invalid: subscriber.identifier',
      'invalid: subscriber',
      'invalid: subscriber',
      'invalid: id',
      'invalid: id',
    ]);
    await bothStillWork();
  });

  it('stands alone in its array', async () => {
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    const bodies = [
      vera.prepares('раз').message.body,
      { ...vera.prepares('два').message.body, id: {} },
      null,
      vera.prepares('три').message.body,
    ];
    expect(await post('edna', bodies)).toMatchObject({ status: 200 });
    await sandbox.until(() => rows().length === 3);
    expect(rows().map(({ text }) => text)).toEqual(['Здравствуйте', 'раз', 'три']);
    expect((await quarantine()).toSorted()).toEqual(['invalid: id', 'unknown-shape']);
  });

  it('keeps its id to the last digit', async () => {
    const { sandbox } = bridge;
    const ids = [118n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n];
    for (const id of ids) await sandbox.client(VERA).writes('Есть?', { id });
    await sandbox.until(() => rows().length === 5);
    const expected = ids.map((id) => `edna:71844:${id}`);
    expect(
      rows()
        .slice(1)
        .map(({ clientId }) => clientId),
    ).toEqual(expected);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('is the same with its id as a text, its channel as a text, and fields we do not know', async () => {
    const { sandbox } = bridge;
    const { message } = sandbox.client(VERA).prepares('Есть?');
    await sandbox.postAsEdna({ ...message.body, xNew: [{}] });
    await sandbox.postAsEdna({ ...message.body, id: String(message.id), subjectId: '71844' });
    await bothStillWork();
    expect(rows().filter(({ text }) => text === 'Есть?')).toHaveLength(1);
  });

  it('arrives to the letter, and so does the answer', async () => {
    const { sandbox } = bridge;
    const texts = [
      '👩‍👩‍👧 👍🏽 ok',
      'a\u200bb\u200dc\ufeffd',
      'ы'.repeat(10_000),
      '  два пробела\n\n\tи табуляция  ',
      '<b>&amp;</b> "quotes" \\back\\ {"a":1}',
    ];
    for (const text of texts) await sandbox.client(VERA).writes(text);
    await sandbox.until(() => rows().length === 6);
    expect(
      rows()
        .slice(1)
        .map(({ text }) => text),
    ).toEqual(texts);
    const answers = texts.map((text) => text.slice(0, WHATSAPP_TEXT_CHARS));
    for (const text of answers) await sandbox.manager.writes(VERA, text);
    await sandbox.until(() => shown().length === 5);
    expect(shown()).toEqual(answers);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('that is longer than WhatsApp takes is refused to the manager who wrote it', async () => {
    const { sandbox } = bridge;
    const long = await sandbox.manager.writes(VERA, 'ы'.repeat(WHATSAPP_TEXT_CHARS + 1));
    await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.until(() => long.tick.state === 'error' && shown().length === 1);
    expect(long.tick).toEqual({
      state: 'error',
      code: 905,
      error: 'Текст 4097 зн., предел канала 4096. Сожмите или пришлите ссылку.',
    });
    expect(sandbox.ledger()).toMatchObject(KEPT);
    expect(shown()).toEqual(['Есть']);
  });

  it('with letters no database takes arrives without them', async () => {
    const { sandbox } = bridge;
    await sandbox.client(VERA).writes('a\u0000b\ud800c');
    await sandbox.until(() => rows().length === 2);
    expect(rows()[1]?.text).toMatch(/^a.?b.?c$/u);
  });

  it('is read whatever its content type says', async () => {
    const { sandbox } = bridge;
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''];
    for (const type of types) {
      const { callback } = sandbox.client(VERA).prepares(`Есть ${type}?`);
      const headers = { 'Content-Type': type };
      expect(await post('edna', callback.raw, headers)).toMatchObject({ status: 200 });
    }
    await sandbox.until(() => rows().length === 5);
    expect(
      rows()
        .slice(1)
        .map(({ text }) => text),
    ).toEqual(types.map((type) => `Есть ${type}?`));
  });
});

describe("a manager's message", () => {
  it('with something wrong in a field it cannot do without is kept for the operator', async () => {
    for (const overrides of [{ id: null }, { id: { a: 1 } }, { text: { a: 1 } }]) {
      const { hook } = bridge.sandbox.manager.prepares(VERA, 'Есть', { overrides });
      expect(await post('amocrm', hook.raw)).toMatchObject({ status: 200 });
    }
    expect(await quarantine()).toEqual([
      'invalid: message.message.text',
      'invalid: message.message.id',
      'invalid: message.message.id',
    ]);
    await bothStillWork();
  });

  it('that says nothing is told so, and holds up nothing', async () => {
    const { sandbox } = bridge;
    const empty = await sandbox.manager.writes(VERA, '');
    await sandbox.until(() => empty.tick.state === 'error');
    expect(empty.tick).toMatchObject({ code: 905, error: expect.stringContaining('Канал') });
    await bothStillWork();
  });

  it('is read though its content type says something else', async () => {
    const { sandbox } = bridge;
    const { hook } = sandbox.manager.prepares(VERA, 'Есть');
    await post('amocrm', hook.raw, { 'Content-Type': 'text/plain' });
    await sandbox.until(() => shown().length === 1);
    expect(shown()).toEqual(['Есть']);
  });
});
