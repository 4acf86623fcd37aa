import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, edna: { statuses: 'manual' } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';

function send(requestId: string, content: object) {
  return bridge.edna('/api/cascade/schedule', {
    requestId,
    cascadeId: 9026,
    comment: requestId,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: { whatsappContent: { contentType: 'TEXT', ...content } },
  });
}

const history = (filter: object) => bridge.edna('/api/messages/history', filter);
const comments = async (filter: object) => {
  const { json } = await history({ direction: 'OUT', ...filter });
  return (json as { content: { comment: string }[] }).content.map(({ comment }) => comment);
};

describe('messages/history', () => {
  beforeEach(async () => {
    await send('free', { text: 'Hello' });
    clock.advance(1000);
    await send('of a locked template', { text: 'Notice 118' });
    sandbox.edna.templates.lock(31_016, false);
    await send('now a template', { text: 'Notice 119' });
    const header = { imageUrl: 'http://192.0.2.1/a.png' };
    await send('sale', { text: 'До 31 мая на всё скидка 10 %.', header });
  });

  it('tells advertising from other templates and from free text', async () => {
    expect(await comments({ trafficTypes: ['AD'] })).toEqual(['sale']);
    expect(await comments({ trafficTypes: ['HSM'] })).toEqual(['now a template']);
    expect(await comments({ trafficTypes: ['AD', 'HSM'] })).toHaveLength(2);
    expect(await comments({ trafficTypes: [] })).toHaveLength(4);
  });

  it('is in order of time, or of ids where it is asked', async () => {
    const sort = (direction: string) => ({ sort: [{ property: 'messageId', direction }] });
    const all = await comments({});
    expect(all[0]).toBe('free');
    expect(await comments(sort('ASC'))).toEqual(all);
    expect(await comments(sort('DESC'))).toEqual(all.toReversed());
  });

  it('finds one by its id or its time, and pages', async () => {
    const second = sandbox.edna.messages[1];
    expect(await comments({ messageId: second?.messageId })).toEqual(['of a locked template']);
    const dateTo = new Date(clock.now() - 1).toISOString();
    expect(await comments({ dateTo })).toEqual(['free']);
    expect(await comments({ dateFrom: new Date(clock.now()).toISOString() })).toHaveLength(3);
    expect((await history({ direction: 'OUT', offset: 3, limit: 2 })).json).toMatchObject({
      content: [{ comment: 'sale', deliveryStatus: 'ENQUEUED' }],
      hasNext: false,
    });
  });

  it('has ids as numbers or as text', async () => {
    const [first] = sandbox.edna.messages;
    const messageId = first?.messageId;
    expect((await history({ limit: 1 })).json).toMatchObject({
      content: [{ messageId, subjectId: 71_844, cascadeId: 9026 }],
    });
    sandbox.edna.settings.historyIds = 'string';
    expect((await history({ limit: 1, subjectId: 71_844 })).json).toMatchObject({
      content: [{ messageId: String(messageId), subjectId: '71844', cascadeId: '9026' }],
    });
  });

  it('says when each was written, where it is asked to', async () => {
    const [first] = sandbox.edna.messages;
    const createdAt = new Date(first?.acceptedAt ?? 0).toISOString().replace(/\.\d+Z$/, 'Z');
    expect((await history({ limit: 1 })).json).toMatchObject({ content: [{ createdAt }] });
    sandbox.edna.settings.historyTime = '';
    expect(JSON.stringify((await history({ limit: 1 })).json)).not.toContain(createdAt);
  });

  it.each([
    { direction: 'BOTH' },
    { sort: [{ property: 'comment', direction: 'ASC' }] },
    { offset: -1 },
    { limit: '10' },
    { dateFrom: 'yesterday' },
    { dateFrom: 'yesterday', subjectId: 1 },
    { dateTo: 5 },
    { channelTypes: 'SMS' },
    { trafficTypes: 'AD' },
    { sort: 'messageId' },
    { subscriberFilter: 5 },
    { messageId: {} },
  ])('refuses %j, also where it has nothing', async (filter) => {
    const refused = { status: 400, json: { title: 'history-request-not-valid' } };
    expect(await history(filter)).toMatchObject(refused);
    sandbox.edna.settings.additionalKeys = [{ key: 'nothing', subjects: [] }];
    const withNothing = { 'X-API-KEY': 'nothing' };
    const answer = await bridge.edna('/api/messages/history', filter, withNothing);
    expect(answer).toMatchObject(refused);
  });
});

describe('in-message/change-status', () => {
  const change = (body: unknown) => bridge.edna('/api/in-message/change-status', body);

  it('marks a message as read, by a number or a text', async () => {
    sandbox.edna.settings.autoRead = false;
    const first = await sandbox.client(PHONE).writes('Hello');
    const long = await sandbox.client(PHONE).writes('Again', { id: 9_007_199_254_740_993n });
    expect(first.readAt).toBeUndefined();
    expect((await change({ id: first.id, status: 'READ' })).status).toBe(200);
    expect(first.readAt).toBe(clock.now());
    expect((await change('{"id":9007199254740993,"status":"READ"}')).status).toBe(200);
    expect(long.readAt).toBe(clock.now());
    expect((await change({ id: String(first.id), status: 'READ' })).status).toBe(200);
  });

  it('is not needed where edna reads by itself', async () => {
    expect((await sandbox.client(PHONE).writes('Hello')).readAt).toBe(clock.now());
  });

  it.each([
    [400, { id: 16_204_400_917, status: 'DELIVERED' }],
    [400, { id: 16_204_400_917 }],
    [400, { status: 'READ' }],
    [400, { id: 1.5, status: 'READ' }],
    [400, { id: ['1'], status: 'READ' }],
    [404, { id: 1, status: 'READ' }],
  ])('answers %i to %j', async (status, body) => {
    await sandbox.client(PHONE).writes('Hello');
    expect((await change(body)).status).toBe(status);
  });
});
