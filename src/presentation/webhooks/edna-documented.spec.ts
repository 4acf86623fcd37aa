import { aLine, aPost, LINE } from '../../../test/builders.ts';
import { fixture, fixtureNames } from '../../../test/fixtures/fixture.ts';
import { outboundSourceId } from '../../domain/ids.js';
import { toEvents } from './edna-webhook.mapper.js';

const AT = new Date('2026-11-20T12:00:00Z');
const REQUEST = '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11';
const FOLDER = 'https://files.example.test/imfiles4s/acme_wa_main';
const SIGNED = '?Expires=1770715241&Signature=y';

const read = (body: unknown) => toEvents(body, aPost(AT))[0]!;

const said = (content: object) => ({
  type: 'inbound',
  line: LINE,
  channel: '71844',
  address: '79995550142',
  message: { sourceId: 'edna:71844:16204400917', sender: { name: 'Vera' }, content },
});
const file = (kind: string, name: string, more: object = {}) =>
  said({ kind, attachment: { url: `${FOLDER}/${name}${SIGNED}`, name, ...more }, caption: '' });
const receipt = (status: string, more: object) => ({
  type: 'receipt',
  line: LINE,
  receipt: { status },
  ...more,
});

const EXPECTED: Readonly<Record<string, object>> = {
  'incoming-text': said({ kind: 'text', text: 'Is it in stock?' }),
  'incoming-image': said({
    kind: 'picture',
    attachment: {
      url: `${FOLDER}/Zk3v0.webp?AWSAccessKeyId=x&Expires=1770715241&Signature=y`,
      name: 'Zk3v0.webp',
    },
    caption: 'scratch here',
  }),
  'incoming-video': said({
    kind: 'video',
    attachment: { url: `${FOLDER}/Qp7.mp4${SIGNED}`, name: 'tour.mp4', sizeBytes: 1048576 },
    caption: '',
  }),
  'incoming-document': said({
    kind: 'file',
    attachment: { url: `${FOLDER}/Lm2.pdf${SIGNED}`, name: 'offer-118.pdf', sizeBytes: 48211 },
    caption: 'see page 2',
  }),
  'incoming-audio': file('voice', 'Ta9.ogg'),
  'incoming-voice': file('voice', 'Ub4.ogg'),
  'incoming-sticker': file('sticker', 'St1.webp'),
  'incoming-location': said({
    kind: 'location',
    latitude: 59.9571,
    longitude: 30.3083,
    address: '',
  }),
  'incoming-button': said({ kind: 'text', text: 'Reschedule' }),
  'incoming-list-picker': said({ kind: 'text', text: 'Evening' }),
  'incoming-flow': said({ kind: 'text', text: 'city: Omsk' }),
  // The controller takes arrays apart.
  'incoming-flow-array': { type: 'quarantine', reason: 'unknown-shape' },
  'incoming-product': said({
    kind: 'unsupported',
    substitute: 'order',
    type: 'product',
    text: 'Do you have this one?',
  }),
  'incoming-order': said({ kind: 'unsupported', substitute: 'order', type: 'order', text: '' }),
  'incoming-contact': said({ kind: 'contact', name: 'Pavel', phone: '79995550190', text: '' }),
  'legacy-incoming': { channel: '71844', message: { sourceId: 'edna:71844:88412' } },
  'simple-incoming': { channel: 'whatsapp', message: { sourceId: 'edna:whatsapp:msg-1' } },
  'simple-incoming-file': {
    message: {
      content: {
        kind: 'picture',
        attachment: {
          url: 'https://files.example.test/shelf.jpg',
          name: 'shelf.jpg',
          sizeBytes: 48211,
          mimeType: 'image/jpeg',
        },
        caption: '',
      },
    },
  },
  'status-delivered': receipt('delivered', {
    requestId: REQUEST,
    messengerId: '903311',
    messageId: outboundSourceId(aLine().scopeId, '7b1c'),
  }),
  'status-undelivered': {
    type: 'receipt',
    receipt: {
      status: 'failed',
      reason: { key: 'no-messenger', args: { channel: 'WhatsApp' } },
    },
  },
  'status-failed': { receipt: { status: 'failed', reason: { key: 'channel-off' } } },
  'status-without-request-id': receipt('read', { messengerId: '7700123456' }),
  'legacy-status': receipt('read', { requestId: 'a-17' }),
  'simple-status': receipt('read', { requestId: REQUEST }),
  'event-category-changed': { type: 'ignored', why: 'account-event' },
  'event-link-visited': { type: 'ignored', why: 'account-event' },
  'template-status': { type: 'quarantine', reason: 'unknown-shape' },
};

describe('documented bodies of edna', () => {
  it.each(fixtureNames('edna'))('%s', (name) => {
    const expected = EXPECTED[name];
    expect(expected).toBeDefined();
    expect(read(fixture('edna', name))).toMatchObject(expected ?? {});
  });

  it('takes a text whole', () => {
    expect(read(fixture('edna', 'incoming-text'))).toEqual({
      type: 'inbound',
      line: LINE,
      channel: '71844',
      address: '79995550142',
      subject: 'acme_wa_main',
      message: {
        sourceId: 'edna:71844:16204400917',
        sender: { name: 'Vera' },
        content: { kind: 'text', text: 'Is it in stock?' },
        quote: { messageId: '903311', requestId: REQUEST },
        sentAt: new Date('2026-02-03T09:20:41Z'),
      },
    });
  });

  it('takes a legacy text whole', () => {
    expect(read(fixture('edna', 'legacy-incoming'))).toEqual({
      type: 'inbound',
      line: LINE,
      channel: '71844',
      address: '79995550142',
      subject: 'acme_wa_main',
      message: {
        sourceId: 'edna:71844:88412',
        sender: { name: 'Vera' },
        content: { kind: 'text', text: 'Is it in stock?' },
        sentAt: new Date('2026-02-03T09:20:41Z'),
      },
    });
  });

  it('takes a simple text whole, at the time it came', () => {
    expect(read(fixture('edna', 'simple-incoming'))).toEqual({
      type: 'inbound',
      line: LINE,
      channel: 'whatsapp',
      address: '79995550142',
      message: {
        sourceId: 'edna:whatsapp:msg-1',
        sender: { name: '79995550142' },
        content: { kind: 'text', text: 'Is it in stock?' },
        sentAt: AT,
      },
    });
  });

  it('takes apart the elements of its arrays', () => {
    const [flow] = fixture('edna', 'incoming-flow-array') as unknown[];
    const [template] = fixture('edna', 'template-status') as unknown[];
    expect(read(flow)).toMatchObject(EXPECTED['incoming-flow'] ?? {});
    expect(read(template)).toEqual({
      type: 'ignored',
      why: 'template-status',
      lines: expect.any(Array),
      template: { id: '31007', name: 'order_ready', status: 'APPROVED', isLocked: false },
    });
  });
});
