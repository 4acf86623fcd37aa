import { aLine, aMessage, requestIdsOf } from '../../../test/builders.js';
import { FakeLinks, FakeSource } from '../../../test/fakes/media.js';
import type { FileFacts } from '../../domain/media.js';
import type { Attachment, AttachmentKind } from '../../domain/message.js';
import type { Dispatch } from '../../domain/ports.js';
import { explain } from '../../domain/reasons.js';
import { Settings } from '../../domain/settings.js';
import { EdnaFiles } from './edna.files.js';

const MB = 1024 * 1024;
const writtenAt = new Date('2026-02-03T09:20:41Z');
const { sourceId } = aMessage();
const line = aLine();
const URL_ = 'https://amojo.example.test/attachments/7/price.jpg';

let source: FakeSource;
beforeEach(() => {
  source = new FakeSource();
});

function aDispatch(
  kind: AttachmentKind,
  attachment: Partial<Attachment> = {},
  channelType = 'WHATSAPP',
): Dispatch {
  return {
    requestId: requestIdsOf(sourceId)[0]!,
    messageId: sourceId,
    content: { kind, attachment: { url: URL_, ...attachment }, caption: '' },
    address: '79995550142',
    route: { dialect: 'cascade', dropsRepeats: true, cascadeId: '9026', channelType },
    file: { messageId: 4711, writtenAt },
  };
}
/** A file whose source says this of it. */
async function fit(dispatch: Dispatch, facts: FileFacts = {}, links = new FakeLinks()) {
  const { content } = dispatch;
  if ('attachment' in content) source.known.set(content.attachment.url, facts);
  const files = new EdnaFiles(source, links, new Settings());
  const fitted = await files.fit(dispatch, line, performance.now() + 1_000);
  return fitted.content;
}

describe('a file of a manager', () => {
  it.each([
    [
      'a picture a channel can show',
      'picture',
      { mimeType: 'image/png', sizeBytes: MB },
      'picture',
    ],
    ['HEIC', 'picture', { mimeType: 'image/heic', sizeBytes: MB }, 'file'],
    ['WebP', 'picture', { mimeType: 'image/webp', sizeBytes: MB }, 'file'],
    ['a moving picture', 'picture', { mimeType: 'image/gif', sizeBytes: MB }, 'file'],
    ['a picture over 5 MB', 'picture', { mimeType: 'image/jpeg', sizeBytes: 5 * MB + 1 }, 'file'],
    ['a picture of 5 MB', 'picture', { mimeType: 'image/jpeg', sizeBytes: 5 * MB }, 'picture'],
    ['a video of a phone', 'video', { mimeType: 'video/mp4', sizeBytes: 16 * MB }, 'video'],
    ['QuickTime', 'video', { mimeType: 'video/quicktime', sizeBytes: 20 * MB }, 'file'],
    ['a voice', 'voice', { mimeType: 'audio/ogg', sizeBytes: MB }, 'voice'],
    ['a voice of another type', 'voice', { mimeType: 'audio/wav', sizeBytes: MB }, 'voice'],
    ['a sound no messenger plays', 'audio', { mimeType: 'audio/flac', sizeBytes: MB }, 'file'],
    ['what nobody knows', 'picture', {}, 'picture'],
  ] as const)('that is %s goes as it should', async (_, kind, facts, as) => {
    expect(await fit(aDispatch(kind), facts)).toMatchObject({ kind: as });
  });

  it('is known by its name where its source says nothing', async () => {
    expect(await fit(aDispatch('picture', { name: 'IMG_1.HEIC' }))).toMatchObject({ kind: 'file' });
  });

  it('is as large as amoCRM says where its source does not tell', async () => {
    const large = { sizeBytes: 17 * MB, url: 'https://x.test/a.mp4' };
    await expect(fit(aDispatch('video', large))).rejects.toMatchObject({
      details: { reason: { key: 'too-large' } },
    });
    expect(await fit(aDispatch('picture', { sizeBytes: 6 * MB }))).toMatchObject({ kind: 'file' });
    // The source knows better.
    expect(await fit(aDispatch('video', large), { sizeBytes: MB })).toMatchObject({
      kind: 'video',
    });
  });

  it('that is to pass through us and is larger than we pass on is refused', async () => {
    const url = `${URL_}?sig=1`;
    const facts = { sizeBytes: 101 * MB };
    await expect(fit(aDispatch('file', { url }, 'MAX'), facts)).rejects.toMatchObject({
      details: { reason: { key: 'too-large', args: { limit: '100 МБ' } } },
    });
    // By its own address it may be as large as edna takes.
    expect(await fit(aDispatch('file', { url }, 'MAX'), facts, new FakeLinks(''))).toMatchObject({
      attachment: { url },
    });
  });

  it('tells edna the size that was found', async () => {
    const facts = { sizeBytes: 91_344, mimeType: 'image/jpeg' };
    const { attachment } = (await fit(aDispatch('picture', { sizeBytes: 1 }), facts)) as {
      attachment: Attachment;
    };
    expect(attachment.sizeBytes).toBe(91_344);
  });

  it.each([
    ['video', 'WHATSAPP', 33.95, 'Видео 34 МБ, предел канала 16 МБ. Сожмите или пришлите ссылку.'],
    [
      'audio',
      'WHATSAPP',
      16.01,
      'Аудиозапись 16,1 МБ, предел канала 16 МБ. Сожмите или пришлите ссылку.',
    ],
    ['file', 'WHATSAPP', 101, 'Файл 101 МБ, предел канала 100 МБ. Сожмите или пришлите ссылку.'],
    [
      'picture',
      'WHATSAPP',
      120,
      'Картинка 120 МБ, предел канала 100 МБ. Сожмите или пришлите ссылку.',
    ],
    ['file', 'VIBER', 26, 'Файл 26 МБ, предел канала 25 МБ. Сожмите или пришлите ссылку.'],
  ] as const)('of kind %s that is too large for %s is refused', async (kind, channel, mb, text) => {
    const facts = { sizeBytes: Math.round(mb * MB) };
    const refused = fit(aDispatch(kind, { url: 'https://x.test/a.bin' }, channel), facts);
    const fault = await refused.catch((error: unknown) => error);
    expect(fault).toMatchObject({ outcome: 'rejected', details: { reason: { key: 'too-large' } } });
    const { reason } = (fault as { details: { reason: Parameters<typeof explain>[0] } }).details;
    expect(explain(reason, 'ru')).toEqual({ code: 905, text });
  });

  it('goes to a channel whose limits nobody knows, however large it is', async () => {
    const facts = { sizeBytes: 500 * MB, mimeType: 'image/heic' };
    expect(await fit(aDispatch('picture', {}, 'MAX'), facts)).toMatchObject({ kind: 'picture' });
  });

  it('is not asked about where the channel has no word for it, or no limits', async () => {
    await fit(aDispatch('sticker'));
    await fit(aDispatch('picture', {}, 'MAX'));
    expect(source.asked).toEqual([]);
  });

  it('is asked about once, however often it is sent', async () => {
    const files = new EdnaFiles(source, new FakeLinks(), new Settings());
    source.known.set(URL_, { sizeBytes: 10 });
    for (let i = 0; i < 3; i += 1) await files.fit(aDispatch('picture'), line, Infinity);
    expect(source.asked).toEqual([URL_]);
  });
});

describe('the address of a file of a manager', () => {
  const urlOf = async (attachment: Partial<Attachment>, facts?: FileFacts, links?: FakeLinks) =>
    ((await fit(aDispatch('picture', attachment), facts, links)) as { attachment: Attachment })
      .attachment.url;
  const ours = 'https://bridge.example.test/media/outbound-4711';

  it('stays where it is stable and ends in an extension', async () => {
    expect(await urlOf({ url: URL_ })).toBe(URL_);
  });

  it.each([
    ['has a signature', { url: `${URL_}?sig=1` }, {}, 'price.jpg'],
    ['has no extension', { url: 'https://x.test/d/77' }, { mimeType: 'image/png' }, '77.png'],
    ['has none, and nobody knows more', { url: 'https://x.test/d/77' }, {}, '77.jpg'],
    ['has a name beside it', { url: 'https://x.test/d', name: 'a b.png' }, {}, 'a%20b.png'],
  ])('that %s is one of ours, with an extension', async (_, attachment, facts, name) => {
    expect(await urlOf(attachment, { sizeBytes: 1, ...facts })).toBe(`${ours}/${name}`);
  });

  it('has the extension of its type, though nobody knows its size', async () => {
    const url = await urlOf(
      { url: 'https://x.test/d/77' },
      { sizeBytes: undefined, mimeType: 'image/png' },
    );
    expect(url).toBe(`${ours}/77.png`);
  });

  it('stays as it is where there is no PUBLIC_URL', async () => {
    const url = `${URL_}?sig=1`;
    expect(await urlOf({ url }, {}, new FakeLinks(''))).toBe(url);
  });

  it('is the same when the history is asked for it', async () => {
    const dispatch = aDispatch('picture', { url: `${URL_}?sig=1` });
    const files = new EdnaFiles(source, new FakeLinks(), new Settings());
    const sent = await files.fit(dispatch, line, Infinity);
    expect(files.asSent(dispatch, line)).toMatchObject({
      content: { attachment: { url: `${ours}/price.jpg` } },
    });
    expect(sent).toMatchObject({ content: { attachment: { url: `${ours}/price.jpg` } } });
  });
});

describe('the file on top of a template', () => {
  const aTemplate = (attachment: Partial<Attachment>, channelType = 'WHATSAPP'): Dispatch => ({
    ...aDispatch('picture', {}, channelType),
    content: {
      kind: 'text',
      text: 'Sale',
      template: {
        externalId: '31011',
        params: {},
        media: { kind: 'picture', attachment: { url: URL_, ...attachment } },
      },
    },
  });
  const mediaOf = async (dispatch: Dispatch, facts: FileFacts = {}, url = URL_) => {
    source.known.set(url, facts);
    const files = new EdnaFiles(source, new FakeLinks(), new Settings());
    const { content } = await files.fit(dispatch, line, performance.now() + 1_000);
    expect(files.asSent(dispatch, line).content).toMatchObject({ text: 'Sale' });
    return content.kind === 'text' ? content.template?.media : undefined;
  };

  it('has a link of ours where its own would not last', async () => {
    const url = `${URL_}?sig=1`;
    expect(await mediaOf(aTemplate({ url }), {}, url)).toMatchObject({
      kind: 'picture',
      attachment: { url: 'https://bridge.example.test/media/outbound-4711/price.jpg' },
    });
    expect(await mediaOf(aTemplate({}))).toMatchObject({ attachment: { url: URL_ } });
  });

  it('is a picture as the template has it, and refused where it is too large', async () => {
    expect(await mediaOf(aTemplate({}), { mimeType: 'image/webp', sizeBytes: MB })).toMatchObject({
      kind: 'picture',
    });
    const large = mediaOf(aTemplate({}), { mimeType: 'image/jpeg', sizeBytes: 5 * MB + 1 });
    await expect(large).rejects.toMatchObject({ details: { reason: { key: 'too-large' } } });
  });
});
