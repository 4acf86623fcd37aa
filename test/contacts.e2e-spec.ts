import { isOpen } from '../sandbox/amocrm/lead.ts';
import type { AmojoSettings } from '../sandbox/amojo/settings.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Database } from '../src/infrastructure/journal/database.js';
import { Bridge, withRest } from './bridge.js';
import { lineAt, linesFile } from './lines.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, missing: 0, chats: 1 };

let bridge: Bridge;
afterEach(() => bridge.stop());

async function start(
  amojo: Partial<AmojoSettings> = {},
  environment: Record<string, string> = {},
): Promise<Bridge> {
  bridge = await Bridge.start({
    sandbox: { amojo: { connected: true, ...amojo } },
    environment: (sandbox) => ({ ...withRest(sandbox), ...environment }),
  });
  return bridge;
}

const cards = () => bridge.sandbox.amojo.crm().cards;
const vera = () => bridge.sandbox.client(VERA, { userName: 'Vera' });
const arrived = (texts: number) =>
  bridge.sandbox.until(() => {
    const [chat] = bridge.sandbox.chats;
    return chat?.messages.length === texts && cards().contactOf(chat.id);
  });
/** What the timeline of messages says, beside that they were taken. */
async function timeline(): Promise<readonly (string | null)[]> {
  const { db } = bridge.app.get<Database>('the open database', { strict: false });
  const rows = await db.selectFrom('attempt').select('error').orderBy('id').execute();
  return rows.map(({ error }) => error).filter((error) => error !== null);
}

const contactOfChat = () => cards().contactOf(bridge.sandbox.chats[0]?.id ?? '');

describe('a client who writes for the first time', () => {
  it.each([
    ['on', true],
    ['off', false],
  ])(
    'and is not known has one contact and one lead, incoming leads %s',
    async (_, isUnsortedOn) => {
      const { sandbox } = await start({ isUnsortedOn });
      await Promise.all([vera().writes('Здравствуйте'), vera().writes('Это снова я')]);
      await arrived(2);
      expect(cards().contacts).toHaveLength(1);
      expect(cards().leads).toHaveLength(1);
      expect(cards().leads.filter(isOpen)).toHaveLength(1);
      expect(sandbox.ledger()).toMatchObject(KEPT);
    },
  );

  describe.each([
    ['on', true],
    ['off', false],
  ])('and is known, incoming leads %s,', (_, isUnsortedOn) => {
    it.each([
      ['an open lead', 'open', 'never', 1],
      ['an open lead', 'open', 'unless-open', 1],
      ['a closed lead', 'closed', 'never', 1],
      ['a closed lead', 'closed', 'unless-open', 2],
      ['no lead', undefined, 'never', 0],
      ['no lead', undefined, 'unless-open', 1],
    ] as const)(
      'with %s (%s; a linked chat opens one: %s), is written to in his card',
      async (_lead, lead, linkedChatLead, leads) => {
        const { sandbox } = await start({ isUnsortedOn, linkedChatLead });
        const known = sandbox.amojo.crm().addContact('Вера', '8 (999) 555-01-42', lead);
        const before = { ...known };
        await vera().writes('Здравствуйте');
        await arrived(1);
        await sandbox.until(() => cards().leads.length === leads);
        expect(contactOfChat()?.id).toBe(known.id);
        expect(cards().contacts).toHaveLength(1);
        expect(contactOfChat()?.responsibleUserId).toBe(before.responsibleUserId);
        expect(sandbox.ledger()).toMatchObject(KEPT);
      },
    );
  });

  it('gets his lead where the file of lines says that his number’s go, and after a change of it elsewhere', async () => {
    const lines = (one: Sandbox, pipeline_id: number) => {
      const { AMOCRM_BASE_URL: base_url, AMOCRM_TOKEN: token } = withRest(one);
      const amocrm = { base_url, token, source: 'moscow', pipeline_id };
      return linesFile(lineAt(one, { name: 'Москва', edna: { channels: [71844] }, amocrm }));
    };
    bridge = await Bridge.start({
      sandbox: { amojo: { connected: true } },
      lines: (one) => lines(one, 90_400),
    });
    const { sandbox } = bridge;
    const { sources } = sandbox.amojo.crm();
    const made = await sandbox.until(() => sources.all[0]);
    expect(made).toMatchObject({ name: 'Москва', externalId: 'moscow', pipelineId: 90_400 });
    await vera().writes('Здравствуйте');
    await arrived(1);

    await bridge.reload(lines(sandbox, 90_500));
    await sandbox.until(() => sources.all[0]?.pipelineId === 90_500);
    await sandbox.client('79995550177').writes('И я');
    await sandbox.until(() => cards().leads.length === 2);
    expect(sources.all).toEqual([made]);
    expect(cards().leads.map(({ pipelineId }) => pipelineId)).toEqual([90_400, 90_500]);
  });

  it('is left to amoCRM where KNOWN_CLIENT says so', async () => {
    const { sandbox } = await start({}, { KNOWN_CLIENT: 'let-amo' });
    sandbox.amojo.crm().addContact('Вера', VERA);
    await vera().writes('Здравствуйте');
    await arrived(1);
    expect(cards().contacts).toHaveLength(2);
    expect(sandbox.requests('contacts')).toEqual([]);
  });

  it('is looked up once, whatever comes again', async () => {
    const { sandbox } = await start();
    sandbox.amojo.crm().addContact('Вера', VERA, 'open');
    sandbox.edna.faults.add({ kind: 'double', endpoint: 'incoming' });
    sandbox.edna.faults.add({ kind: 'double', endpoint: 'status' });
    await vera().writes('Здравствуйте');
    await arrived(1);
    const asked = sandbox.requests('contacts').length;
    const answer = await sandbox.manager.writes(sandbox.chats[0]!.id, 'Добрый день');
    await sandbox.until(() => answer.tick.state === 'read');
    await vera().writes('Ещё вопрос');
    await arrived(3);
    expect(sandbox.requests('contacts')).toHaveLength(asked);
    expect(cards().leads).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('reaches amoCRM at once though its cards are shut, and the timeline says so', async () => {
    const { sandbox } = await start({ isPaid: false });
    await vera().writes('Здравствуйте');
    await sandbox.until(() => sandbox.chats[0]?.messages.length === 1);
    // By the time an answer is read, what came of the question is written down.
    const answer = await sandbox.manager.writes(sandbox.chats[0]!.id, 'Добрый день');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject(KEPT);
    expect(await timeline()).toEqual([
      'contact not looked up, left to amoCRM: amocrm answered 402: the account is not paid',
    ]);
  });

  it('holds up no other chat while the cards do not answer', async () => {
    const { sandbox } = await start();
    const known = sandbox.client('79995550143');
    await known.writes('Я здесь давно');
    await sandbox.until(() => sandbox.chats[0]?.messages.length === 1);
    sandbox.amojo.faults.add({ kind: 'hang-before', endpoint: 'contacts' });
    await vera().writes('Здравствуйте');
    await known.writes('И ещё');
    await sandbox.until(() => sandbox.chats[0]?.messages.length === 2);
    expect(sandbox.chats).toHaveLength(1);
    sandbox.amojo.faults.clear();
    // Five seconds by the wall clock lie between two questions, and half a minute ends them.
    await sandbox.until(() => sandbox.chats.length === 2);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2 });
  });
});
