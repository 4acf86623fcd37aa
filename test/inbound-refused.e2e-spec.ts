import type { FaultRule } from '../sandbox/faults.ts';
import { dig } from '../sandbox/json.ts';
import { Bridge } from './bridge.js';

const VERA = '79995550142';
const NOTICE = '[Сообщение клиента не удалось передать. Посмотрите в edna]';

const REFUSED = { kind: 'answer', status: 400, endpoint: 'message' } as const;
const KEPT = { violations: 0, doubled: 0, statusBackwards: 0 };

let bridge: Bridge;

beforeEach(async () => {
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
});

afterEach(() => bridge.stop());

const rows = () => bridge.sandbox.chat(VERA).messages;
const texts = () => rows().map(({ text }) => text);

async function failedInbound(): Promise<unknown> {
  const { body } = await bridge.sandbox.post(`${bridge.url}/health/ready`, { method: 'GET' });
  return dig(JSON.parse(body.toString()), 'failedInbound');
}

/** amojo refuses what has this in its message. */
function refuse(rule: Partial<FaultRule>) {
  return bridge.sandbox.amojo.faults.add({ ...REFUSED, ...rule } as FaultRule);
}

describe("a client's message that amoCRM refuses", () => {
  it('is given once more as plain text, under the same id', async () => {
    const { sandbox } = bridge;
    const refused = refuse({
      when: ({ body }) => dig(body, 'payload', 'message', 'type') === 'picture',
    });
    const vera = sandbox.client(VERA);
    const picture = await vera.writes({ type: 'IMAGE', caption: 'Вот такая' });
    await vera.writes('Есть?');

    await sandbox.until(() => rows().length === 2);
    expect(rows()).toMatchObject([
      { type: 'text', clientId: `edna:71844:${picture.id}` },
      { type: 'text', text: 'Есть?' },
    ]);
    expect(rows()[0]?.text.split('\n')).toEqual([
      'Вот такая',
      picture.file?.name,
      dig(picture.content, 'attachment', 'url'),
    ]);
    expect(refused.hits).toBe(1);
    expect(await failedInbound()).toBe(0);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('leaves a notice where it cannot be shown at all, and readiness counts it', async () => {
    const { sandbox } = bridge;
    refuse({ text: 'strange' });
    const vera = sandbox.client(VERA);
    await vera.writes('before');
    const strange = await vera.writes('strange');
    await vera.writes('after');

    await sandbox.until(() => rows().length === 3);
    expect(texts().toSorted()).toEqual([NOTICE, 'after', 'before'].toSorted());
    expect(rows().find(({ text }) => text === NOTICE)).toMatchObject({
      clientId: `edna:71844:${strange.id}:notice`,
      direction: 'incoming',
    });
    expect(await failedInbound()).toBe(1);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, outOfOrder: 0, chats: 1, leads: 1 });
  });

  it('is there once edna posts it again', async () => {
    const { sandbox } = bridge;
    const refused = refuse({ text: 'strange' });
    const strange = await sandbox.client(VERA).writes('strange');
    await sandbox.until(() => texts().includes(NOTICE));
    refused.clear();
    await sandbox.postAsEdna(strange.body);

    await sandbox.until(() => rows().length === 2);
    expect(rows()[1]).toMatchObject({ text: 'strange', clientId: `edna:71844:${strange.id}` });
    expect(await failedInbound()).toBe(0);

    await sandbox.postAsEdna(strange.body);
    await sandbox.client(VERA).writes('next');
    await sandbox.until(() => texts().includes('next'));
    expect(texts()).toEqual([NOTICE, 'strange', 'next']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
  });

  it('waits for the history where an earlier try may have been taken', async () => {
    const { sandbox } = bridge;
    sandbox.amojo.faults.add({ kind: 'hang-before', endpoint: 'message', times: 1 });
    refuse({ text: 'strange' });
    await sandbox.client(VERA).writes('strange');

    await sandbox.until(() => texts().includes(NOTICE));
    const tries = sandbox.requests('message').filter(({ text }) => text === 'strange');
    // Asked at once and after ten seconds, for the history may lag behind.
    expect(sandbox.requests('history').length).toBeGreaterThanOrEqual(2);
    expect(tries).toHaveLength(3);
    expect(await failedInbound()).toBe(1);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });
});
