import { Companies } from '../sandbox/companies.ts';
import { realClock } from '../sandbox/clock.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { Bridge, SPEED } from './bridge.js';
import { lineAt, linesFile, numbers, OTHER_COMPANY } from './lines.js';

/*
 * Two companies with three numbers at one bridge: acme has two numbers, each with a source of its own in one amoCRM
 * account; zeta has one, and a Kommo account.
 */

const VERA = '79995550142';
const IVAN = '79995550177';
const OLGA = '79995550188';
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
let acme: Sandbox;
let zeta: Sandbox;
let companies: Companies;

async function start(store: 'sqlite' | 'postgres' = 'sqlite'): Promise<void> {
  // edna repeats after 4 s what came while the bridge was away; amojo compares dates.
  const clocks = () => ({ clock: realClock({ speed: SPEED }), amojoClock: realClock() });
  zeta = await startSandbox({ ...OTHER_COMPANY, ...clocks() });
  bridge = await Bridge.start({
    store,
    sandbox: { edna: numbers(71844, 71845), ...clocks() },
    others: [zeta],
    lines: (sandbox) =>
      linesFile(
        lineAt(sandbox, {
          name: 'Москва',
          edna: { channels: [71844] },
          amocrm: { source: 'moscow' },
        }),
        lineAt(sandbox, {
          name: 'Казань',
          edna: { channels: [71845] },
          amocrm: { source: 'kazan', default: true },
        }),
        lineAt(zeta, { name: 'Zeta' }),
      ),
  });
  acme = bridge.sandbox;
  for (const [externalId, isDefault] of [
    ['moscow', false],
    ['kazan', true],
  ] as const) {
    acme.amojo.crm().sources.add({ name: externalId, externalId, isDefault });
  }
  companies = new Companies(
    {
      name: 'acme',
      sandbox: acme,
      numbers: [
        { subjectIds: [71844], source: 'moscow' },
        { subjectIds: [71845], source: 'kazan' },
      ],
    },
    { name: 'zeta', sandbox: zeta, numbers: [{ subjectIds: [82001] }] },
  );
  await acme.until(() => acme.amojo.isConnected);
  await zeta.until(() => zeta.amojo.isConnected);
}

afterEach(() => bridge.stop());

const chatOf = (sandbox: Sandbox, channel: number, address: string) =>
  sandbox.chat(`edna:${channel}:${address}`);
const textsIn = (sandbox: Sandbox, channel: number, address: string) =>
  chatOf(sandbox, channel, address).messages.map(({ text }) => text);
/** What came to a phone through one number, once all of it is there. */
const cameThrough = (sandbox: Sandbox, channel: number, address: string) =>
  sandbox
    .client(address)
    .sees.filter(({ channel: { subjectId } }) => subjectId === channel)
    .map(({ content: { text, type } }) => text ?? type);

describe('two companies with three numbers', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'write in both directions at once, over a restart, and nothing stands in the wrong place, on %s',
    async (store) => {
      await start(store);
      // Vera writes to all three numbers, of which nobody else may know.
      const vera = { a: acme.client(VERA), b: zeta.client(VERA) };
      await Promise.all([
        vera.a.writes('Москва, есть термос?', { channel: 'wa_71844' }),
        vera.a.writes('Казань, есть термос?', { channel: 'wa_71845' }),
        vera.b.writes('Zeta, do you have it?'),
        acme.client(IVAN).writes('Где заказ?', { channel: 'wa_71845' }),
        zeta.client(OLGA).writes({ type: 'IMAGE', caption: 'Look' }),
      ]);
      await acme.until(() => acme.ledger().seenByManagers === 3);
      await zeta.until(() => zeta.ledger().seenByManagers === 2);

      const { manager } = acme;
      const answers = await Promise.all([
        manager.writes(chatOf(acme, 71844, VERA), 'Есть в Москве'),
        manager.writes(chatOf(acme, 71845, VERA), 'Есть в Казани'),
        manager.writes(chatOf(acme, 71845, IVAN), { type: 'file', text: 'Накладная' }),
      ]);
      const abroad = await Promise.all([
        zeta.manager.writes(chatOf(zeta, 82001, VERA), 'Yes, we do'),
        zeta.manager.writes(chatOf(zeta, 82001, OLGA), { type: 'picture', text: 'Nice' }),
      ]);
      // A caption waits for its file, and after a start no longer than usual: it may overtake what is not fetched.
      await acme.until(() => cameThrough(acme, 71845, IVAN).length === 2);
      await zeta.until(() => cameThrough(zeta, 82001, OLGA).length === 2);
      // What waits over the restart has to find its line again.
      const busy = [acme, zeta].flatMap(({ amojo, edna }) => [
        amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' }),
        edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule' }),
      ]);
      await Promise.all([
        vera.a.writes('Беру в Москве', { channel: 'wa_71844' }),
        vera.b.writes('I take it'),
        manager.writes(chatOf(acme, 71845, VERA), 'А в Казани?'),
        zeta.manager.writes(chatOf(zeta, 82001, VERA), 'Fine'),
      ]);
      await Promise.all(busy.map((fault) => fault.caught()));
      await bridge.restart();
      for (const fault of busy) fault.clear();
      await acme.until(() => answers.every(({ tick }) => tick.state === 'read'));
      await zeta.until(() => abroad.every(({ tick }) => tick.state === 'read'));
      await acme.until(() => acme.ledger().missing === 0 && acme.ledger().seenByManagers === 4);
      await zeta.until(() => zeta.ledger().missing === 0 && zeta.ledger().seenByManagers === 3);
      await acme.until(() => cameThrough(acme, 71845, VERA).length === 2);
      await zeta.until(() => cameThrough(zeta, 82001, VERA).length === 2);

      expect(cameThrough(acme, 71844, VERA)).toEqual(['Есть в Москве']);
      expect(cameThrough(acme, 71845, VERA)).toEqual(['Есть в Казани', 'А в Казани?']);
      expect(cameThrough(acme, 71845, IVAN)).toEqual(['DOCUMENT', 'Накладная']);
      expect(cameThrough(zeta, 82001, VERA)).toEqual(['Yes, we do', 'Fine']);
      expect(cameThrough(zeta, 82001, OLGA)).toEqual(['IMAGE', 'Nice']);
      expect(textsIn(acme, 71844, VERA)).toContain('Беру в Москве');
      expect(companies.misplaced()).toEqual([]);
      expect(acme.ledger()).toMatchObject({ ...KEPT, chats: 3, leads: 3 });
      expect(zeta.ledger()).toMatchObject({ ...KEPT, chats: 2, leads: 2 });
    },
  );

  it('write first through the source that was chosen, through the default one, and through the only one', async () => {
    await start();
    const chosen = await acme.manager.writesFirst(VERA, 'Из Москвы', { sourceId: 'moscow' });
    const byDefault = await acme.manager.writesFirst(IVAN, 'Из Казани');
    const only = await zeta.manager.writesFirst(VERA, 'From Zeta');
    await acme.until(() => [chosen, byDefault].every(({ tick }) => tick.state === 'read'));
    await zeta.until(() => only.tick.state === 'read');
    expect(cameThrough(acme, 71844, VERA)).toEqual(['Из Москвы']);
    expect(cameThrough(acme, 71845, IVAN)).toEqual(['Из Казани']);
    expect(cameThrough(zeta, 82001, VERA)).toEqual(['From Zeta']);

    await acme.client(VERA).writes('Да?', { channel: 'wa_71844' });
    await acme.client(IVAN).writes('Слушаю', { channel: 'wa_71845' });
    await zeta.client(VERA).writes('Yes?');
    await acme.until(() => [chosen, byDefault].every(({ chat }) => chat.messages.length === 2));
    await zeta.until(() => only.chat.messages.length === 2);
    expect(companies.misplaced()).toEqual([]);
    expect(acme.ledger()).toMatchObject({ ...KEPT, chats: 2, leads: 0 });
    expect(zeta.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 0 });
  });

  it('write first though no source is named and amoCRM knows none', async () => {
    await start();
    for (const source of acme.amojo.crm().sources.all) acme.amojo.crm().sources.remove(source);
    const hello = await acme.manager.writesFirst(IVAN, 'Добрый день');
    await acme.until(() => hello.tick.state === 'read');
    expect(cameThrough(acme, 71845, IVAN)).toEqual(['Добрый день']);
  });

  it('keep their doors apart: the token of one opens nothing of the other', async () => {
    await start();
    const foreign = { Authorization: `Token ${zeta.edna.settings.webhookToken}` };
    const { message, callback } = acme.client(VERA).prepares('Чужой ключ');
    const { status } = await acme.post(callback.url ?? '', {
      headers: { ...callback.headers, ...foreign },
      body: callback.raw,
    });
    expect(status).toBe(200);
    expect(message.text).toBe('Чужой ключ');
    await acme.client(VERA).writes('Свой ключ');
    await acme.until(() => acme.chat(VERA).messages.length === 1);
    expect(textsIn(acme, 71844, VERA)).toEqual(['Свой ключ']);
    expect(zeta.chats).toEqual([]);
    expect(companies.misplaced()).toEqual([]);
  });
});
