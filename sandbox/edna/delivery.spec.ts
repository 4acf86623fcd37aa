import { FileShelf } from '../file-shelf.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';

function schedule(requestId: string, whatsappContent: object) {
  return bridge.edna('/api/cascade/schedule', {
    requestId,
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    comment: 'amo:7b1c',
    content: { whatsappContent },
  });
}

const text = (words: string) => ({ contentType: 'TEXT', text: words });

/** A picture a manager attached: a file the amoCRM twin really serves. */
async function attachedPicture() {
  const { media, fileName } = await sandbox.manager.writesFirst('79995550188', { type: 'picture' });
  return { contentType: 'IMAGE', attachment: { url: media, name: fileName } };
}

const statusesOf = (requestId: string) =>
  bridge.posted
    .map(({ body }) => body as { requestId: string; status: string })
    .filter((body) => body.requestId === requestId)
    .map(({ status }) => status);

describe('a message on its way to the phone', () => {
  it('becomes sent, delivered and read, each told as documented', async () => {
    await schedule('r-1', text('Order 118 is packed.'));
    await sandbox.until(() => statusesOf('r-1').length === 3);
    expect(statusesOf('r-1')).toEqual(['SENT', 'DELIVERED', 'READ']);
    const [sent, delivered] = bridge.posted;
    expect(sent?.headers.authorization).toBe(`Token ${sandbox.edna.settings.webhookToken}`);
    const [message] = sandbox.edna.messages;
    expect(delivered?.body).toEqual({
      requestId: 'r-1',
      messageId: message?.messageId,
      cascadeId: 9026,
      cascadeStageUUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      subject: 'acme_wa_main',
      subjectId: 71_844,
      status: 'DELIVERED',
      statusAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      error: null,
      comment: 'amo:7b1c',
      paymentData: expect.objectContaining({ type: 'WHATSAPP_CONVERSATION' }),
    });
    expect(sandbox.client(PHONE).sees).toMatchObject([
      { content: { type: 'TEXT', text: 'Order 118 is packed.' }, status: 'READ' },
    ]);
  });

  it('goes only as far as a test says where statuses are manual', async () => {
    sandbox.edna.settings.statuses = 'manual';
    await schedule('r-1', text('Order 118 is packed.'));
    const [message] = sandbox.client(PHONE).addressed;
    if (message === undefined) throw new Error('it was accepted');
    expect(sandbox.client(PHONE).sees).toEqual([]);
    await sandbox.edna.report(message, 'UNDELIVERED', { error: 'not-whatsapp-user' });
    expect(bridge.posted[0]?.body).toMatchObject({
      status: 'UNDELIVERED',
      error: 'not-whatsapp-user',
      paymentData: null,
    });
    expect(sandbox.client(PHONE).sees).toEqual([]);
    await sandbox.edna.report(message, 'SENT', { overrides: { status: 'sent', extra: 1 } });
    expect(bridge.posted[1]?.body).toMatchObject({ status: 'sent', extra: 1 });
    expect(sandbox.client(PHONE).sees).toHaveLength(1);
  });

  it('fails where its address has such a fate', async () => {
    sandbox.edna.settings.fates = { '0142': { status: 'UNDELIVERED', error: 'user-blocked' } };
    await schedule('r-1', text('Hello'));
    await sandbox.until(() => statusesOf('r-1').length === 1);
    expect(bridge.posted[0]?.body).toMatchObject({ status: 'UNDELIVERED', error: 'user-blocked' });
  });

  it('loses its text where a file stands beside it', async () => {
    await schedule('r-1', { ...(await attachedPicture()), text: 'Прайс' });
    const [shown] = await sandbox.until(() => some(sandbox.client(PHONE).sees));
    expect(shown?.content).toMatchObject({ type: 'IMAGE', text: null });
    expect(sandbox.ledger()).toMatchObject({ ignoredTexts: 1, violations: 0 });
  });

  it('shows the file that was fetched after the answer', async () => {
    const picture = await attachedPicture();
    expect((await schedule('r-1', picture)).status).toBe(200);
    const [accepted] = sandbox.client(PHONE).addressed;
    expect(accepted?.file).toBeUndefined();
    const [shown] = await sandbox.until(() => some(sandbox.client(PHONE).sees));
    expect(shown?.file).toMatchObject({ url: picture.attachment.url, contentType: 'image/png' });
    expect(shown?.file?.bytes.subarray(1, 4).toString()).toBe('PNG');
  });

  it('may be overtaken by the text that follows, while its file is being fetched', async () => {
    const held = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'files' });
    await schedule('r-1', await attachedPicture());
    await schedule('r-2', text('Подпись'));
    await sandbox.until(() => sandbox.client(PHONE).sees.length === 1);
    await held.caught();
    held.release();
    await sandbox.until(() => sandbox.client(PHONE).sees.length === 2);
    expect(sandbox.client(PHONE).sees.map(({ requestId }) => requestId)).toEqual(['r-2', 'r-1']);
  });

  it.each([
    ['is not there', /404/, (url: string) => url.replace(/[^/]+$/, 'none.png')],
    ['has no extension', /extension/, (url: string) => url.replace(/picture-1\.png$/, 'bare')],
    ['is not on this machine', /loopback/, () => 'http://192.0.2.1/a.png'],
  ])('fails after the answer where the file %s', async (_name, why, spoil) => {
    const { contentType, attachment } = await attachedPicture();
    const spoilt = { contentType, attachment: { ...attachment, url: spoil(attachment.url) } };
    expect((await schedule('r-1', spoilt)).status).toBe(200);
    await sandbox.until(() => statusesOf('r-1').length === 1);
    expect(statusesOf('r-1')).toEqual(['FAILED']);
    expect(sandbox.client(PHONE).addressed[0]?.fileError).toMatch(why);
    expect(sandbox.client(PHONE).sees).toEqual([]);
  });
});

describe('the file shelf', () => {
  it('makes no two files alike', () => {
    const shelf = new FileShelf('/files');
    const hashes = ['a.png', 'a.png', 'b.pdf', 'b.pdf', 'c'].map((name) => shelf.put(name).sha1);
    expect(new Set(hashes).size).toBe(5);
  });
});

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

describe('a phone that is off', () => {
  it('shows nothing, and the message expires when its time is over', async () => {
    sandbox.change({
      edna: { fates: { '0142': { status: 'EXPIRED', error: null } }, validityHours: 0.00001 },
    });
    await schedule('r-off', text('one'));
    await sandbox.until(() => statusesOf('r-off').includes('EXPIRED'));
    expect(statusesOf('r-off')).toEqual(['SENT', 'EXPIRED']);
    expect(sandbox.client(PHONE).sees).toEqual([]);
  });
});
