import { readFileSync } from 'node:fs';
import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, edna: { statuses: ['SENT'], sessionWindow: 'sync400' } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';

interface Listed {
  readonly id: number;
  readonly status: string;
}

/** The body edna documents. */
function fixture(name: string): unknown {
  const path = new URL(`../../test/fixtures/edna/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as unknown;
}

const list = async (filter: object = { subjectId: 71_844 }) => {
  const { json } = await bridge.edna('/api/message-matchers/get-by-request', filter);
  return json as Listed[];
};

describe('message-matchers/get-by-request', () => {
  it('lists the templates of a channel with the documented keys', async () => {
    const [documented] = fixture('template-status') as object[];
    for (const listed of await list()) {
      expect(Object.keys(listed).toSorted()).toEqual(Object.keys(documented ?? {}).toSorted());
    }
    expect(await list({ subjectId: 71_850 })).toEqual([]);
  });

  it('lists every status, and those of the types asked for', async () => {
    const statuses = (await list()).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(
      new Set(['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED']),
    );
    expect(await list({ subjectId: 71_844, matcherTypes: ['USER'] })).toMatchObject([
      { id: 31_017 },
    ]);
    expect(await list({ subjectId: 71_844, matcherTypes: 'USER' })).toHaveLength(1);
    expect(await list({ subjectId: 71_844, matcherTypes: ['CUSTOM'] })).toEqual([]);
  });

  it.each([
    [{}, 'message-matcher-request-not-valid'],
    [{ subjectId: '71844' }, 'message-matcher-request-not-valid'],
    [{ subjectId: 71_844, matcherTypes: ['OTHER'] }, 'message-matcher-request-not-valid'],
    [{ subjectId: 1 }, 'error-subject-unknown'],
    [{ subjectId: 71_860 }, 'error-subject-unknown'],
  ])('refuses %j', async (filter, title) => {
    const answer = await bridge.edna('/api/message-matchers/get-by-request', filter);
    expect(answer).toMatchObject({ status: 400, json: { title } });
  });
});

const NEW = {
  messageMatcher: {
    name: 'hello_again',
    channelType: 'WHATSAPP',
    language: 'RU',
    content: {
      header: { headerType: 'TEXT', text: 'Acme' },
      text: 'Hello again, {{1}}',
      footer: { text: 'Bye' },
      keyboard: { rows: [{ buttons: [{ text: 'Stop', buttonType: 'QUICK_REPLY' }] }] },
      textExampleParams: ['Anna'],
    },
    category: 'MARKETING',
    type: 'OPERATOR',
  },
  subjectIds: [71_844],
};

const create = (matcher: object = {}, change: object = {}) =>
  bridge.edna('/api/message-matchers', {
    ...NEW,
    messageMatcher: { ...NEW.messageMatcher, ...matcher },
    ...change,
  });

const send = (whatsappContent: object, requestId = 'r-1') =>
  bridge.edna('/api/cascade/schedule', {
    requestId,
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: { whatsappContent },
  });

const HELLO = {
  contentType: 'TEXT',
  header: { text: 'Acme' },
  text: 'Hello again, Anna',
  footer: { text: 'Bye' },
  keyboard: { rows: [{ buttons: [{ text: 'Stop', buttonType: 'QUICK_REPLY', payload: 's' }] }] },
};

describe('message-matchers', () => {
  it('keeps a new template PENDING until it is approved; then it goes through', async () => {
    const { status, json } = await create();
    expect(status).toBe(200);
    const { id } = json as Listed;
    expect((await list()).at(-1)).toMatchObject({ id, name: 'hello_again', status: 'PENDING' });
    expect((await send(HELLO)).status).toBe(400);
    const parcel = await sandbox.edna.templates.decide(id, 'APPROVED');
    expect(parcel).toMatchObject({ endpoint: 'template', state: 'taken' });
    expect(bridge.posted.at(-1)?.body).toMatchObject([{ id, status: 'APPROVED' }]);
    expect((await send(HELLO)).status).toBe(200);
    sandbox.edna.templates.lock(id);
    expect((await send({ ...HELLO, text: 'Hello again, Ivan' }, 'r-2')).status).toBe(400);
    expect((await list()).at(-1)).toMatchObject({ id, status: 'APPROVED', locked: true });
  });

  it.each([
    ['a name with a space', { name: 'hello again' }],
    ['a name of 61 characters', { name: 'x'.repeat(61) }],
    ['no language', { language: undefined }],
    ['the type of another channel', { channelType: 'VIBER' }],
    ['an unknown category', { category: 'ACCOUNT_UPDATE' }],
    ['a type that only edna gives', { type: 'USER' }],
    ['no text', { content: { text: '' } }],
    ['a footer too long', { content: { text: 'x', footer: { text: 'x'.repeat(61) } } }],
    ['a header of no type', { content: { text: 'x', header: { text: 'Acme' } } }],
    ['no content', { content: undefined }],
  ])('refuses %s', async (_name, change) => {
    expect(await create(change)).toMatchObject({
      status: 400,
      json: { title: 'message-matcher-request-not-valid' },
    });
    expect(await list()).toHaveLength(sandbox.edna.settings.templates.length);
  });

  it('has no two of one name, and may answer with nothing', async () => {
    sandbox.edna.settings.newTemplateAnswer = 'empty';
    const { status, body } = await create();
    expect([status, body.length]).toEqual([200, 0]);
    expect(await create()).toMatchObject({
      status: 400,
      json: { title: 'message-matcher-name-is-not-unique' },
    });
    expect((await list()).filter(({ status: one }) => one === 'PENDING')).toHaveLength(2);
  });

  it('may tell why one was rejected', async () => {
    const { json } = await create();
    await sandbox.edna.templates.decide((json as Listed).id, 'REJECTED', { rejectReason: 'No' });
    expect(bridge.posted.at(-1)?.body).toMatchObject([{ status: 'REJECTED', rejectReason: 'No' }]);
  });

  it('refuses channels it does not know, or none', async () => {
    expect((await create({}, { subjectIds: [] })).status).toBe(400);
    expect((await create({}, { subjectIds: [1] })).json).toMatchObject({
      title: 'error-subject-unknown',
    });
  });
});

describe('the callbacks about templates', () => {
  it('carry the documented body of a status', async () => {
    await sandbox.edna.templates.decide(31_009, 'PAUSED');
    const { body, headers } = bridge.posted[0] ?? {};
    const [documented] = fixture('template-status') as object[];
    const same = { ...documented, id: 31_009, status: 'PAUSED', updatedAt: expect.any(String) };
    expect(body).toEqual([same]);
    expect(headers?.authorization).toBe(`Token ${sandbox.edna.settings.webhookToken}`);
  });

  it('tell of another category', async () => {
    const parcel = await sandbox.edna.templates.recategorise(31_009, 'MARKETING');
    expect(parcel.endpoint).toBe('event');
    expect(bridge.posted[0]?.body).toEqual({
      ...(fixture('event-category-changed') as object),
      payload: { id: 31_009, name: 'order_ready', channelType: 'WHATSAPP', category: 'MARKETING' },
      timestamp: expect.stringMatching(/\.\d{9}Z$/),
    });
  });

  it('tell of a link that was pressed', async () => {
    const buttons = [
      { text: 'Reschedule', buttonType: 'QUICK_REPLY' },
      { text: 'Track', buttonType: 'URL', url: 'https://track.example.test/118' },
      { text: 'Call', buttonType: 'PHONE', phone: '79995550100' },
    ];
    await send({
      contentType: 'TEXT',
      text: 'Anna, your parcel 118 arrives on 4 March.',
      header: { text: 'Delivery' },
      footer: { text: 'Acme' },
      keyboard: { rows: [{ buttons }] },
    });
    const [message] = sandbox.edna.messages;
    if (message === undefined) throw new Error('it was accepted');
    await sandbox.edna.templates.visit(message);
    const documented = fixture('event-link-visited') as { payload: object };
    expect(bridge.posted[0]?.body).toEqual({
      ...documented,
      payload: {
        ...documented.payload,
        templateId: 31_008,
        outMessageId: message.messageId,
        shortLink: expect.any(String),
        requestId: 'r-1',
      },
      timestamp: expect.stringMatching(/\.\d{9}Z$/),
    });
  });

  it('are resent and struck by faults like all others', async () => {
    sandbox.edna.faults.add({ kind: 'lose', endpoint: 'event', times: 1 });
    expect((await sandbox.edna.templates.recategorise(31_009, 'MARKETING')).state).toBe('lost');
    bridge.answers = () => (bridge.posted.length === 1 ? 500 : 200);
    const parcel = await sandbox.edna.templates.decide(31_009, 'DISABLED');
    clock.advance(4000);
    await sandbox.until(() => parcel.state === 'taken');
    expect(bridge.posted).toHaveLength(2);
  });
});
