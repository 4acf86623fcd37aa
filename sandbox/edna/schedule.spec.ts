import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, edna: { statuses: ['SENT'] } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';
const TEXT = { contentType: 'TEXT', text: 'Order 118 is packed.' };

function body(change: object = {}) {
  return {
    requestId: '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11',
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    comment: 'amo:7b1c',
    content: { whatsappContent: TEXT },
    ...change,
  };
}

const schedule = (change: object = {}) => bridge.edna('/api/cascade/schedule', body(change));
const whatsapp = (content: object) => ({ content: { whatsappContent: content } });
const CONTENT_FOR_ALL = 'request-doesn’t-contain-content-for-all-cascade-stages';
const NOT_VALID = 'cascade-scheduling-request-not-valid';

describe('cascade/schedule', () => {
  it('echoes the request id and nothing else', async () => {
    const { status, json } = await schedule();
    expect(status).toBe(200);
    expect(json).toEqual({ requestId: body().requestId });
  });

  it('asks for a key', async () => {
    const withKey = (key: string) =>
      bridge.edna('/api/cascade/schedule', body(), { 'x-api-key': key });
    expect((await bridge.edna('/api/cascade/schedule', body(), {})).status).toBe(401);
    expect(await withKey('wrong')).toMatchObject({ status: 401, json: { status: 401 } });
    sandbox.edna.settings.additionalKeys = [
      { key: 'lists only', groups: ['cascades'] },
      { key: 'other channel', subjects: ['acme_viber'] },
    ];
    expect((await withKey('lists only')).status).toBe(403);
    expect((await withKey('other channel')).status).toBe(403);
    expect((await withKey(sandbox.edna.settings.apiKey)).status).toBe(200);
  });

  it.each([
    {
      contentType: 'IMAGE',
      attachment: { url: 'https://media.example.test/7a91.jpg', name: 'a.jpg' },
    },
    {
      contentType: 'DOCUMENT',
      attachment: { url: 'https://media.example.test/5.pdf', name: 'a.pdf' },
    },
    {
      contentType: 'VIDEO',
      attachment: { url: 'https://media.example.test/9.mp4', name: 'a.mp4' },
    },
    {
      contentType: 'AUDIO',
      attachment: { url: 'https://media.example.test/0.ogg', name: 'a', size: 1 },
    },
    {
      contentType: 'LOCATION',
      location: { latitude: 59.9571, longitude: 30.3083, address: 'Pier' },
    },
    { contentType: 'AUTHENTICATION', text: '402913', messageMatcherId: 31_007 },
    { contentType: 'FLOW', flowId: 990_011, action: 'navigate', caption: 'Fill in', text: 'Two' },
  ])('takes the documented $contentType', async (content) => {
    expect((await schedule(whatsapp(content))).status).toBe(200);
  });

  it('takes a cascade id written as text', async () => {
    expect((await schedule({ cascadeId: '9026' })).status).toBe(200);
  });

  it.each([
    [NOT_VALID, { requestId: undefined }],
    [NOT_VALID, { requestId: 17 }],
    [NOT_VALID, { cascadeId: undefined }],
    [NOT_VALID, { cascadeId: 'main' }],
    ['cascade-not-found', { cascadeId: 1 }],
    ['cascade-not-found', { cascadeId: 9040 }],
    ['error-address-format', { subscriberFilter: { address: '+79995550142', type: 'PHONE' } }],
    ['error-address-format', { subscriberFilter: { address: '8 999 555', type: 'PHONE' } }],
    [NOT_VALID, { subscriberFilter: { address: PHONE } }],
    ['content-not-specified', { content: undefined }],
    [CONTENT_FOR_ALL, { content: {} }],
    [CONTENT_FOR_ALL, { cascadeId: 9031 }],
    [NOT_VALID, { content: { whatsappContent: TEXT, smsContent: { text: 'x' } } }],
    ['contentType-not-specified', whatsapp({ text: 'x' })],
    [NOT_VALID, whatsapp({ contentType: 'text', text: 'x' })],
    [NOT_VALID, whatsapp({ contentType: 'STICKER' })],
    ['text-not-specified', whatsapp({ contentType: 'TEXT' })],
    ['text-not-specified', whatsapp({ contentType: 'TEXT', text: '' })],
    ['attachmentName-not-specified', whatsapp(image({ name: undefined }))],
    ['attachmentName-is-too-long', whatsapp(image({ name: 'x'.repeat(71) }))],
    ['error-attachment-url-not-specified', whatsapp(image({ url: undefined }))],
    ['latitude-not-specified', whatsapp({ contentType: 'LOCATION', location: { longitude: 1 } })],
    ['longitude-not-specified', whatsapp({ contentType: 'LOCATION', location: { latitude: 1 } })],
    [NOT_VALID, whatsapp({ contentType: 'LOCATION', location: { latitude: 91, longitude: 1 } })],
    ['action-not-specified', whatsapp({ contentType: 'FLOW', text: 'x', caption: 'x', flowId: 1 })],
    ['caption-not-specified', whatsapp({ contentType: 'FLOW', text: 'x', action: 'x', flowId: 1 })],
  ])('refuses with %s: %j', async (title, change) => {
    const { status, json } = await schedule(change);
    expect(status).toBe(400);
    expect(json).toEqual({ title, status: 400, detail: expect.any(String) });
    expect(sandbox.ledger().violations).toBe(1);
    expect(sandbox.edna.messages).toEqual([]);
  });

  it('names the first mistake in its own order', async () => {
    const mistakes: [string, object][] = [
      ['content-not-specified', { content: undefined }],
      ['error-address-format', { subscriberFilter: { address: '1', type: 'PHONE' } }],
      ['cascade-not-found', { cascadeId: 1 }],
      [NOT_VALID, { requestId: undefined }],
    ];
    let change = {};
    for (const [title, mistake] of mistakes) {
      change = { ...change, ...mistake };
      expect((await schedule(change)).json).toMatchObject({ title });
    }
    expect((await bridge.edna('/api/cascade/schedule', '{"requestId":')).json).toMatchObject({
      title: NOT_VALID,
    });
  });

  it('refuses a request id for ever once it was accepted, but not one that it refused', async () => {
    expect((await schedule({ cascadeId: 1 })).status).toBe(400);
    expect((await schedule()).status).toBe(200);
    clock.advance(400 * 24 * 3600 * 1000);
    const again = await schedule(whatsapp({ ...TEXT, text: 'Another text' }));
    expect(again.json).toMatchObject({ title: 'requestId-is-not-unique', status: 400 });
    expect(sandbox.edna.messages).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject({ violations: 2, repeats: 0 });
  });

  it('refuses an unchanged repeat as well, but that is no fault of the caller', async () => {
    await schedule();
    expect((await schedule()).status).toBe(400);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, repeats: 1 });
  });
});

function image(change: object) {
  const attachment = { url: 'https://media.example.test/a.jpg', name: 'a.jpg', ...change };
  return { contentType: 'IMAGE', attachment };
}

describe('equal content to the same client', () => {
  const MINUTE = 60_000;
  const statuses = () => sandbox.edna.messages.map(({ status }) => status);

  it('is accepted within 20 minutes, then cancelled; after 20 minutes it goes through', async () => {
    await schedule({ requestId: '1' });
    clock.advance(19 * MINUTE);
    expect((await schedule({ requestId: '2' })).status).toBe(200);
    clock.advance(MINUTE);
    expect(statuses()).toEqual(['SENT', 'CANCELLED']);
    await schedule({ requestId: '3' });
    clock.advance(MINUTE);
    expect(statuses()).toEqual(['SENT', 'CANCELLED', 'SENT']);
    expect(sandbox.client(PHONE).sees).toHaveLength(2);
    expect(sandbox.ledger()).toMatchObject({ cancelled: 1, violations: 0 });
  });

  it('is no repeat for another client or with another text', async () => {
    await schedule({ requestId: '1' });
    await schedule({ requestId: '2', subscriberFilter: { address: '79995550143', type: 'PHONE' } });
    await schedule({ requestId: '3', ...whatsapp({ ...TEXT, text: 'Order 118 is sent.' }) });
    clock.advance(MINUTE);
    expect(statuses()).toEqual(['SENT', 'SENT', 'SENT']);
  });

  it('is no repeat where it opens another flow', async () => {
    const flow = { contentType: 'FLOW', action: 'navigate', caption: 'Fill in', text: 'Two' };
    await schedule({ requestId: '1', ...whatsapp({ ...flow, flowId: 1 }) });
    await schedule({ requestId: '2', ...whatsapp({ ...flow, flowId: 2 }) });
    await schedule({ requestId: '3', ...whatsapp({ ...flow, flowId: 1 }) });
    clock.advance(MINUTE);
    expect(statuses()).toEqual(['SENT', 'SENT', 'CANCELLED']);
  });
});

describe('a text beside a file', () => {
  const attachment = { url: 'https://media.example.test/a.jpg', name: 'a.jpg' };
  const send = (key: string, subject: string) => {
    sandbox.edna.settings.cascades = [
      { id: 9026, name: 'one stage', status: 'ACTIVE', subjects: [subject] },
    ];
    return schedule({ content: { [key]: { contentType: 'IMAGE', text: 'Look', attachment } } });
  };

  it('is thrown away in WhatsApp', async () => {
    await send('whatsappContent', 'acme_wa_main');
    expect(sandbox.edna.messages).toMatchObject([{ content: { text: null, attachment } }]);
    expect(sandbox.ledger().ignoredTexts).toBe(1);
  });

  it('goes along in Viber', async () => {
    await send('viberContent', 'acme_viber');
    expect(sandbox.edna.messages).toMatchObject([{ content: { text: 'Look', attachment } }]);
    expect(sandbox.ledger().ignoredTexts).toBe(0);
  });
});
