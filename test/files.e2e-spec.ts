import { Bridge } from './bridge.js';

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

beforeEach(async () => {
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
});

afterEach(() => bridge.stop());

const rows = () => bridge.sandbox.chat(VERA).messages;
const phone = () => bridge.sandbox.client(VERA);

describe('a file of a client', () => {
  it.each([
    ['IMAGE', 'picture'],
    ['VIDEO', 'video'],
    ['DOCUMENT', 'file'],
    ['VOICE', 'voice'],
    ['STICKER', 'sticker'],
  ])('of type %s is a %s in the chat, with its caption, and can be fetched', async (type, kind) => {
    const { sandbox } = bridge;
    const { file } = await phone().writes({ type, caption: 'Вот' });
    await sandbox.until(() => rows().at(-1)?.file);
    expect(rows().at(-1)).toMatchObject({ type: kind, text: 'Вот', file: { sha1: file?.sha1 } });
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it.each([
    ['song.mp3', 'audio'],
    ['note.ogg', 'voice'],
  ])('of type AUDIO named %s is shown as %s', async (name, kind) => {
    await phone().writes({ type: 'AUDIO', attachment: { name } });
    await bridge.sandbox.until(() => rows().at(-1)?.file);
    expect(rows().at(-1)?.type).toBe(kind);
    expect(bridge.sandbox.ledger()).toMatchObject(KEPT);
  });

  it('keeps its own name, else has the one in its address', async () => {
    const { sandbox } = bridge;
    await phone().writes({ type: 'DOCUMENT', attachment: { name: 'Договор № 5.pdf' } });
    const { file } = await phone().writes({ type: 'DOCUMENT' });
    await sandbox.until(() => rows().length === 3 && rows().at(-1)?.file);
    expect(rows().map(({ fileName }) => fileName)).toEqual(['', 'Договор № 5.pdf', file?.name]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });
});

describe('a file of a manager', () => {
  it.each([
    ['picture', 'IMAGE'],
    ['video', 'VIDEO'],
    ['file', 'DOCUMENT'],
    ['voice', 'AUDIO'],
    ['audio', 'AUDIO'],
  ] as const)('of type %s is there as %s, and gets its mark', async (type, contentType) => {
    const { sandbox } = bridge;
    const answer = await sandbox.manager.writes(VERA, { type });
    await sandbox.until(() => answer.tick.state === 'read');
    const sha1 = sandbox.amojo.hashOf(answer.media);
    expect(phone().sees).toMatchObject([{ content: { type: contentType }, file: { sha1 } }]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('with a text is followed by the text, though edna takes a while to fetch it', async () => {
    const { sandbox } = bridge;
    const fetching = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'files' });
    const picture = await sandbox.manager.writes(VERA, { type: 'picture', text: 'Прайс' });
    const next = await sandbox.manager.writes(VERA, 'Цены за литр');
    await fetching.caught();
    // The bridge has asked about the file in vain; now edna fetches it.
    const fetches = () =>
      sandbox.requests('files').filter(({ method, headers }) => method === 'GET' && !headers.range);
    await sandbox.until(() => fetches().length > 0);
    expect(sandbox.requests('schedule')).toHaveLength(1);
    fetching.clear();

    await sandbox.until(() => [picture, next].every(({ tick }) => tick.state === 'read'));
    expect(phone().sees.map(({ content: { type, text } }) => text ?? type)).toEqual([
      'IMAGE',
      'Прайс',
      'Цены за литр',
    ]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('that edna never tells of does not hold up what follows for more than a moment', async () => {
    const { sandbox } = bridge;
    sandbox.edna.settings.statuses = 'manual';
    await sandbox.manager.writes(VERA, { type: 'picture', text: 'Прайс' });
    await sandbox.manager.writes(VERA, 'Цены за литр');
    await sandbox.until(() => phone().addressed.length === 3);
    expect(phone().addressed.map(({ content: { type, text } }) => text ?? type)).toEqual([
      'IMAGE',
      'Прайс',
      'Цены за литр',
    ]);
  });

  it('among several of one message comes in its turn', async () => {
    const { sandbox } = bridge;
    const answers = await sandbox.manager.writesGroup(VERA, [
      { type: 'picture', text: 'Три вида' },
      { type: 'picture' },
      { type: 'file' },
    ]);
    await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
    expect(phone().sees.map(({ content: { type, text } }) => text ?? type)).toEqual([
      'IMAGE',
      'Три вида',
      'IMAGE',
      'DOCUMENT',
    ]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('that edna cannot fetch shows that, and its caption stays behind', async () => {
    const { sandbox } = bridge;
    const media = 'http://127.0.0.1:1/gone/price.png';
    const lost = await sandbox.manager.writes(VERA, { type: 'picture', text: 'Прайс', media });
    const next = await sandbox.manager.writes(VERA, 'Ещё вопрос?');
    await sandbox.until(() => lost.tick.state === 'error' && next.tick.state === 'read');
    expect(lost.tick).toEqual({
      state: 'error',
      code: 905,
      error: 'Не удалось передать файл. Прикрепите его ещё раз.',
    });
    expect(phone().sees.map(({ content }) => content.text)).toEqual(['Ещё вопрос?']);
    expect(sandbox.requests('schedule')).toHaveLength(2);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, outOfOrder: 0 });
  });

  it('whose caption is refused says that the file arrived', async () => {
    const { sandbox } = bridge;
    sandbox.edna.faults.add({
      kind: 'answer',
      status: 400,
      body: { title: 'matched-template-not-found', status: 400, detail: '' },
      endpoint: 'schedule',
      text: 'Прайс',
    });
    const half = await sandbox.manager.writes(VERA, { type: 'picture', text: 'Прайс' });
    await sandbox.until(() => half.tick.state === 'error');
    const error =
      'Файл доставлен, подпись нет: прошло 24 часа с последнего сообщения клиента. Файл не повторяйте.';
    expect(half.tick).toEqual({ state: 'error', code: 905, error });
    expect(phone().sees).toMatchObject([{ content: { type: 'IMAGE' } }]);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, ignoredTexts: 0 });
  });
});
