import { dig } from '../sandbox/json.ts';
import { Bridge } from './bridge.js';

/*
 * Mistakes that bridges of this kind make, one spec each. Every one was planted in this bridge once, and its spec seen
 * to fail.
 */

const VERA = '79995550142';
const KEPT = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  cancelled: 0,
  ignoredTexts: 0,
  missing: 0,
};

let bridge: Bridge;

/** Vera has written, and has a chat. */
beforeEach(async () => {
  bridge = await Bridge.start({
    sandbox: { amojo: { connected: true }, edna: { statuses: 'manual' } },
  });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  await bridge.sandbox.until(() => rows().length === 1);
});

afterEach(() => bridge.stop());

const rows = () => bridge.sandbox.chat(VERA).messages;
const texts = () => rows().map(({ text }) => text);
const sent = () => bridge.sandbox.client(VERA).addressed;

describe('the mistake', () => {
  it("amojo's uuid as conversation_id", async () => {
    const { sandbox } = bridge;
    await sandbox.manager.writes(VERA, 'Добрый день');
    await sandbox.client(VERA).writes('Есть?');
    await sandbox.until(() => sandbox.ledger().seenByManagers === 2);
    expect(sandbox.ledger()).toMatchObject({ chats: 1, leads: 1 });
    const ids = sandbox
      .requests('message')
      .map(({ body }) => dig(body, 'payload', 'conversation_id'));
    expect(ids).toEqual([`edna:71844:${VERA}`, `edna:71844:${VERA}`]);
  });

  it('SENT reported as delivered', async () => {
    const { sandbox } = bridge;
    const one = await sandbox.manager.writes(VERA, 'one');
    const two = await sandbox.manager.writes(VERA, 'two');
    await sandbox.until(() => sent().length === 2);
    for (const message of sent()) await sandbox.edna.report(message, 'SENT');
    await sandbox.edna.report(sent()[1] ?? never(), 'READ');
    await sandbox.until(() => two.tick.state === 'read');
    expect(one.reports).toEqual([]);
    expect(two.reports).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('a fresh requestId on a retry', async () => {
    const { sandbox } = bridge;
    sandbox.edna.faults.add({ kind: 'hang-after', endpoint: 'schedule', times: 1 });
    await sandbox.manager.writes(VERA, 'one');
    await sandbox.until(() => sandbox.requests('schedule').length === 2);
    const ids = sandbox.requests('schedule').map(({ body }) => dig(body, 'requestId'));
    expect(new Set(ids).size).toBe(1);
    await sandbox.manager.writes(VERA, 'two');
    await sandbox.until(() => sent().some(({ content }) => content.text === 'two'));
    expect(sent().map(({ content }) => content.text)).toEqual(['one', 'two']);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, cancelled: 0 });
  });

  it('a signature over the JSON written anew', async () => {
    const { sandbox } = bridge;
    const { hook } = sandbox.manager.prepares(VERA, 'Добрый день');
    const body = JSON.parse(hook.raw) as object;
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    // Blanks, another order, and escapes that JSON.stringify does not write.
    const written = JSON.stringify(reversed, null, 3)
      .replace('Добрый', '\\u0414\\u043e\\u0431\\u0440\\u044b\\u0439')
      .replace(/\//g, '\\/');
    const anew = JSON.stringify(JSON.parse(written));

    const forged = await sandbox.postAsAmocrm(written, { 'X-Signature': sandbox.signHook(anew) });
    expect(forged.status).toBe(401);
    const real = await sandbox.postAsAmocrm(written, { 'X-Signature': sandbox.signHook(written) });
    expect(real.status).toBe(200);
    await sandbox.until(() => sent().length === 1);
    expect(sent()).toMatchObject([{ content: { text: 'Добрый день' } }]);
  });

  it('text sent beside the attachment', async () => {
    const { sandbox } = bridge;
    const answer = await sandbox.manager.writes(VERA, { type: 'picture', text: 'Прайс' });
    await sandbox.until(() => sent().length === 1);
    expect(sandbox.ledger().ignoredTexts).toBe(0);
    await sandbox.edna.report(sent()[0] ?? never(), 'READ');
    await sandbox.until(() => sent().length === 2);
    await sandbox.edna.report(sent()[1] ?? never(), 'READ');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(sent()).toMatchObject([
      { content: { type: 'IMAGE', text: null } },
      { content: { type: 'TEXT', text: 'Прайс' } },
    ]);
    await sandbox.until(() => sent()[0]?.file);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('a redelivery that is swallowed though the first try failed', async () => {
    const { sandbox } = bridge;
    const refused = sandbox.amojo.faults.add({
      kind: 'answer',
      status: 400,
      endpoint: 'message',
      text: 'Есть?',
    });
    const question = await sandbox.client(VERA).writes('Есть?');
    await sandbox.until(() => rows().length === 2);
    refused.clear();
    await sandbox.postAsEdna(question.body);
    await sandbox.until(() => texts().includes('Есть?'));
    expect(rows().find(({ text }) => text === 'Есть?')?.clientId).toBe(`edna:71844:${question.id}`);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, missing: 0 });
  });

  it('one lane for both directions', async () => {
    const { sandbox } = bridge;
    sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' });
    await sandbox.client(VERA).writes('Есть?');
    await sandbox.manager.writes(VERA, 'Добрый день');
    await sandbox.until(() => sent().length === 1);
    expect(texts()).not.toContain('Есть?');
    sandbox.amojo.faults.clear();
    await sandbox.until(() => texts().includes('Есть?'));

    sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule' });
    await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.client(VERA).writes('Жду');
    await sandbox.until(() => texts().includes('Жду'));
    expect(sent()).toHaveLength(1);
    sandbox.edna.faults.clear();
    await sandbox.until(() => sent().length === 2);
  });

  it("a 401 that fails a client's message", async () => {
    const { sandbox } = bridge;
    const shut = sandbox.amojo.faults.add({ kind: 'answer', status: 401, endpoint: 'message' });
    await sandbox.client(VERA).writes('Есть?');
    await shut.caught();
    shut.clear();
    // At its start the bridge tries what waits, so nobody has to wait for the minute to pass.
    await bridge.restart();
    await sandbox.until(() => rows().length === 2);
    expect(texts()).toEqual(['Здравствуйте', 'Есть?']);
    const { body } = await sandbox.post(`${bridge.url}/health/ready`, { method: 'GET' });
    expect(JSON.parse(body.toString())).toMatchObject({ failedInbound: 0 });
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, missing: 0 });
  });
});

function never(): never {
  throw new Error('edna has no such message');
}
