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
const HOUR = 3_600_000;
const LEGACY = {
  id: 'a-17',
  subject: 'acme_wa_main',
  address: PHONE,
  imType: 'whatsapp',
  contentType: 'text',
  text: 'Hello',
};

const old = (path: string, body: unknown, method = 'POST') =>
  bridge.edna(`/api/old/${path}`, body, undefined, method);
const send = (change: object = {}) => old('imOutMessage', { ...LEGACY, ...change });
const poll = (id = 'a-17') => old(`imOutMessage/${id}`, '', 'GET');
const shown = () => sandbox.client(PHONE).sees.map(({ content }) => content);
const until = (count: number) => sandbox.until(() => bridge.posted.length === count);

describe('imOutMessage', () => {
  it('waits for its start time, whichever way the offset is written', async () => {
    const startTime = new Date(clock.now() + HOUR).toISOString();
    expect((await send({ startTime })).json).toEqual({ id: 'a-17', code: 'ok' });
    const offset = startTime.replace('Z', '+0000');
    expect((await send({ id: 'a-18', startTime: offset })).json).toMatchObject({ code: 'ok' });
    clock.advance(HOUR - 1);
    await until(2);
    expect(bridge.posted[0]?.body).toMatchObject({ dlvStatus: 'delayed' });
    expect(shown()).toEqual([]);
    clock.advance(HOUR);
    expect(shown()).toHaveLength(2);
  });

  it('expires at the end of its validity', async () => {
    sandbox.edna.settings.fates = { '0142': { status: 'EXPIRED', error: null } };
    await send({ validityPeriodSeconds: 60, priority: 'realtime' });
    clock.advance(1000);
    await sandbox.until(() => sandbox.edna.callbacks[0]?.state === 'taken');
    expect((await poll()).json).toMatchObject({ dlvStatus: 'sent' });
    clock.advance(58_999);
    expect(bridge.posted).toHaveLength(1);
    clock.advance(1);
    await until(2);
    expect(bridge.posted[1]?.body).toMatchObject({ dlvStatus: 'expired' });
  });

  it.each([
    ['error-priority-format', { priority: 'urgent' }],
    ['error-start-time-format', { startTime: '2026-02-03T09:15:00Z' }],
    ['error-start-time-format', { startTime: 'tomorrow' }],
    ['error-validity-period-seconds-format', { validityPeriodSeconds: '60' }],
    ['error-validity-period-seconds-format', { validityPeriodSeconds: 0 }],
    ['error-subject-format', { subject: undefined }],
    ['error-subject-unknown', { subject: 'acme_wa_new' }],
    ['error-im-type-not-specified', { imType: 'fax' }],
    ['error-address-not-specified', { address: undefined }],
    ['error-latitude-not-specified', { contentType: 'location' }],
    ['error-content-format', { contentType: 'location', latitude: '91', longitude: '1' }],
    ['error-content-format', { contentType: 'image', attachmentUrl: 'http://a.example.test/a' }],
  ])('refuses with %s: %j', async (code, change) => {
    expect(await send(change)).toMatchObject({ status: 200, json: { code } });
    expect(sandbox.ledger().violations).toBe(1);
    expect(sandbox.edna.messages).toEqual([]);
  });

  it('is refused where the account has no money, or is blocked', async () => {
    sandbox.edna.settings.account = 'no-funds';
    expect((await send()).json).toEqual({ code: 'error-insufficient-balance' });
    sandbox.edna.settings.account = 'blocked';
    expect((await send()).json).toEqual({ code: 'error-system-blocked' });
  });

  it('tells its status by its id, in the documented body', async () => {
    sandbox.edna.settings.fates = { '0142': { status: 'UNDELIVERED', error: 'not-whatsapp-user' } };
    await send();
    const dlvStatusAt = expect.stringMatching(/\.\d{3}\+0000$/);
    expect((await poll()).json).toMatchObject({ dlvStatus: 'enqueued', dlvError: null });
    clock.advance(1000);
    expect(await poll()).toMatchObject({ status: 200 });
    expect((await poll()).json).toEqual({
      imOutMessageId: 'a-17',
      dlvStatus: 'undelivered',
      dlvStatusAt,
      dlvError: 'not-whatsapp-user',
      code: 'ok',
    });
    expect((await poll('a-18')).json).toEqual({ code: 'error-not-found' });
  });
});

describe('imOutHSM', () => {
  const hsm = {
    ...LEGACY,
    text: 'Anna, your parcel 118 arrives on 4 March.',
    header: { text: 'Delivery' },
    footer: { text: 'Acme' },
    keyboard: {
      row: {
        buttons: [
          { text: 'Reschedule', buttonType: 'QUICK_REPLY', payload: 'resched-118' },
          { text: 'Track', buttonType: 'URL', url: 'https://track.example.test/118' },
          { text: 'Call', buttonType: 'PHONE', phone: '79995550100' },
        ],
      },
    },
  };

  it('sends what matches a template, header, footer and buttons included', async () => {
    expect((await old('imOutHSM', hsm)).json).toEqual({ id: 'a-17', code: 'ok' });
    clock.advance(1000);
    expect(shown()).toMatchObject([
      { text: hsm.text, footer: 'Acme', keyboard: { rows: [{ buttons: [{}, {}, {}] }] } },
    ]);
    expect((await poll()).json).toMatchObject({ dlvStatus: 'sent' });
  });

  it.each([
    ['another text', { text: 'Hello' }],
    ['no footer', { footer: undefined }],
    ['no keyboard', { keyboard: undefined }],
  ])('refuses %s, window or not', async (_name, change) => {
    await sandbox.client(PHONE).writes('Hello');
    const { json } = await old('imOutHSM', { ...hsm, ...change });
    expect(json).toEqual({ code: 'error-content-do-not-match-hsm-template' });
  });

  it.each([
    ['the keyboard of the current API', { keyboard: { rows: [hsm.keyboard.row] } }],
    ['a footer that is a text', { footer: 'Acme' }],
    ['a header with nothing in it', { header: {} }],
  ])('refuses %s', async (_name, change) => {
    const { json } = await old('imOutHSM', { ...hsm, ...change });
    expect(json).toEqual({ code: 'error-content-format' });
  });

  it('shares its ids with imOutMessage', async () => {
    await send();
    expect((await old('imOutHSM', hsm)).json).toEqual({ code: 'error-id-not-unique' });
  });
});

describe('the legacy lists', () => {
  it('have the templates of a channel, keyboards in one row', async () => {
    const filter = { imType: 'whatsapp', subject: 'acme_wa_main' };
    const { json } = await old('getOutMessageMatchers', filter);
    expect(json).toMatchObject({ code: 'ok' });
    const { result } = json as { result: { id: number }[] };
    expect(result).toHaveLength(sandbox.edna.settings.templates.length);
    expect(result.find(({ id }) => id === 31_008)).toMatchObject({
      imType: 'whatsapp',
      content: { keyboard: { row: { buttons: [{ text: 'Reschedule' }, {}, {}] } } },
    });
    const { json: viber } = await old('getOutMessageMatchers', { ...filter, imType: 'viber' });
    expect(viber).toEqual({ code: 'ok', result: [] });
  });

  it.each([
    ['error-im-type-not-specified', { subject: 'acme_wa_main' }],
    ['error-subject-format', { imType: 'whatsapp' }],
    ['error-subject-unknown', { imType: 'whatsapp', subject: 'nobody' }],
  ])('refuse templates with %s', async (code, body) => {
    expect((await old('getOutMessageMatchers', body)).json).toEqual({ code });
  });

  it('have the signatures of a messenger, without a code', async () => {
    expect((await old('im-subject/by-apikey', { imType: 'WHATSAPP' })).json).toMatchObject([
      { id: 71_844, subject: 'acme_wa_main' },
    ]);
    expect((await old('im-subject/by-apikey', { imType: 'VK' })).json).toEqual([]);
    const code = 'error-im-type-not-specified';
    expect((await old('im-subject/by-apikey', {})).json).toEqual({ code });
  });
});
