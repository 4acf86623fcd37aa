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
const TEXT = { contentType: 'TEXT', text: 'Anna, your parcel 118 arrives on 4 March.' };
const TEXT_ALONE = { type: 'TEXT', attachment: null, location: null };
const REPLY = { text: 'Reschedule', buttonType: 'QUICK_REPLY', payload: 'resched-118' };
const LINK = {
  text: 'Track',
  buttonType: 'URL',
  url: 'https://track.example.test/118',
  urlPostfix: '118',
};
const CALL = { text: 'Call', buttonType: 'PHONE', phone: '79995550100' };

function schedule(content: object, change: object = {}) {
  return bridge.edna('/api/cascade/schedule', {
    requestId: 'r-1',
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: { whatsappContent: { ...TEXT, ...content } },
    ...change,
  });
}

const rows = (...buttons: object[]) => ({ keyboard: { rows: [{ buttons }] } });

/** What the phone shows, once the message has got there. */
function shown() {
  clock.advance(60_000);
  return sandbox.client(PHONE).sees[0]?.content;
}

describe('header, footer and keyboard', () => {
  it('come out on the phone', async () => {
    const documented = { header: { text: 'Delivery' }, footer: { text: 'Acme' } };
    expect((await schedule({ ...documented, ...rows(REPLY, LINK, CALL) })).status).toBe(200);
    expect(shown()).toEqual({
      type: 'TEXT',
      text: TEXT.text,
      attachment: null,
      location: null,
      header: { headerType: 'TEXT', text: 'Delivery', url: null, name: null },
      footer: 'Acme',
      keyboard: {
        rows: [
          {
            buttons: [
              { type: 'QUICK_REPLY', text: 'Reschedule', payload: 'resched-118' },
              { type: 'URL', text: 'Track', url: 'https://track.example.test/118' },
              { type: 'PHONE', text: 'Call', phone: '79995550100' },
            ],
          },
        ],
      },
    });
  });

  it('are not shown where there are none', async () => {
    expect((await schedule({ header: null, footer: null, keyboard: null })).status).toBe(200);
    expect(shown()).toStrictEqual({ ...TEXT_ALONE, text: TEXT.text });
  });

  it('fetch a file in the header before the message goes', async () => {
    const documentUrl = 'http://192.0.2.1/offer.pdf';
    await schedule({ header: { documentUrl, documentName: 'offer.pdf' } });
    clock.advance(20);
    const [message] = sandbox.edna.messages;
    await sandbox.until(() => message?.status === 'FAILED');
    expect(message?.fileError).toMatch(/loopback/);
  });

  it.each([
    ['a header of 61 characters', { header: { text: 'x'.repeat(61) } }],
    ['an empty header', { header: {} }],
    ['a header of two kinds', { header: { text: 'x', imageUrl: 'https://a.example.test/a.png' } }],
    ['a header without an address', { header: { imageUrl: 'none' } }],
    ['a footer of 61 characters', { footer: { text: 'x'.repeat(61) } }],
    ['a footer that is a text', { footer: 'Acme' }],
    ['the legacy keyboard', { keyboard: { row: { buttons: [REPLY] } } }],
    ['an empty row', rows()],
    ['no rows', { keyboard: { rows: [] } }],
    ['a button of 21 characters', rows({ ...REPLY, text: 'x'.repeat(21) })],
    ['a button without a text', rows({ ...REPLY, text: undefined })],
    ['a button of no type', rows({ text: 'Yes' })],
    ['a button of the legacy type', rows({ text: 'Yes', buttonType: 'TEXT' })],
    ['a link that leads nowhere', rows({ ...LINK, url: undefined })],
    ['a call to nobody', rows({ ...CALL, phone: '' })],
    ['four reply buttons', rows(REPLY, REPLY, REPLY, REPLY)],
    ['a text of 4097 characters', { text: 'x'.repeat(4097) }],
  ])('are refused with %s', async (_name, content) => {
    const { status, json } = await schedule(content);
    expect(status).toBe(400);
    expect(json).toMatchObject({ title: 'cascade-scheduling-request-not-valid' });
    expect(sandbox.edna.messages).toEqual([]);
  });

  it.each([
    [
      'header and footer of 60',
      { header: { text: 'x'.repeat(60) }, footer: { text: 'x'.repeat(60) } },
    ],
    ['three reply buttons of 20', rows(...Array(3).fill({ ...REPLY, text: 'x'.repeat(20) }))],
    ['a text of 4096', { text: 'x'.repeat(4096) }],
  ])('may be as long as %s characters', async (_name, content) => {
    expect((await schedule(content)).status).toBe(200);
  });
});

describe('the contents of other channels', () => {
  beforeEach(() => {
    sandbox.edna.settings.cascades = [
      { id: 1, name: 'viber', status: 'ACTIVE', subjects: ['acme_viber'] },
      { id: 2, name: 'new', status: 'ACTIVE', subjects: ['acme_wa_new'] },
    ];
  });

  const viber = (content: object) =>
    schedule({}, { cascadeId: 1, content: { viberContent: content } });

  it('go to Viber with its one button', async () => {
    const button = { caption: 'Track', action: 'https://track.example.test/118' };
    expect((await viber({ ...TEXT, ...button })).status).toBe(200);
    expect(shown()).toMatchObject({
      text: TEXT.text,
      keyboard: { rows: [{ buttons: [{ type: 'URL', text: 'Track', url: button.action }] }] },
    });
  });

  it.each([
    ['caption-not-specified', { ...TEXT, action: 'https://track.example.test/118' }],
    ['action-not-specified', { ...TEXT, caption: 'Track' }],
    ['cascade-scheduling-request-not-valid', { ...TEXT, caption: 'x'.repeat(31), action: 'x' }],
    ['cascade-scheduling-request-not-valid', { contentType: 'LOCATION' }],
    ['contentType-not-specified', { text: 'x' }],
  ])('are refused for Viber with %s', async (title, content) => {
    expect((await viber(content)).json).toMatchObject({ title, status: 400 });
  });

  it('have no way out through a channel that is not registered', async () => {
    expect((await schedule({}, { cascadeId: 2 })).json).toMatchObject({
      title: 'cascade-not-found',
    });
  });
});
