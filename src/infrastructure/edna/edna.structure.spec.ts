import { DeliveryError } from '../../domain/errors.js';
import type { Template } from '../../domain/message.js';
import type { MessengerTemplate } from '../../domain/templates.js';
import { oneTimeCode, toStructure } from './edna.structure.js';

const PARCEL: MessengerTemplate = {
  id: '31008',
  name: 'parcel_arrives',
  status: 'APPROVED',
  isLocked: false,
  contentType: 'TEXT',
  channelType: 'WHATSAPP',
  text: '{{1}}, your parcel {{2}} arrives on {{3}}.',
  examples: ['Anna', '118', '4 March'],
  header: { kind: 'text', text: 'Delivery' },
  footer: 'Acme',
  rows: [
    [
      { kind: 'reply', text: 'Reschedule', payload: 'resched' },
      { kind: 'url', text: 'Track', url: 'https://track.example.test/{{1}}/map' },
    ],
    [{ kind: 'phone', text: 'Call', phone: '79995550100' }],
  ],
};
const used = (given: Partial<Template> = {}): Template => ({ params: {}, ...given });
const TRACK = 'https://track.example.test/118/map';

describe('what stands around the text of a template', () => {
  it('is what edna has there, with the part of the link that changes', () => {
    expect(toStructure(used({ params: { '{{1}}': '118' } }), PARCEL)).toEqual({
      header: { text: 'Delivery' },
      footer: { text: 'Acme' },
      keyboard: {
        rows: [
          {
            buttons: [
              { text: 'Reschedule', buttonType: 'QUICK_REPLY', payload: 'resched' },
              { text: 'Track', buttonType: 'URL', url: TRACK, urlPostfix: '118' },
            ],
          },
          { buttons: [{ text: 'Call', buttonType: 'PHONE', phone: '79995550100' }] },
        ],
      },
    });
  });

  it('takes the link of the manager’s own button before the parameters', () => {
    const { keyboard } = toStructure(used({ urls: [TRACK], params: { '{{1}}': 'Anna' } }), PARCEL);
    expect(keyboard?.rows[0]?.buttons[1]).toMatchObject({ url: TRACK, urlPostfix: '118' });
  });

  it.each([
    ['a link', PARCEL],
    ['a header', { ...PARCEL, header: { kind: 'text', text: 'Order {{1}}' }, rows: [] } as const],
  ])('is refused while a field of %s is empty', (_, template) => {
    const params = { '{{lead.id}}': '118' };
    const urls = ['https://track.example.test/{{1}}/map'];
    let refusal: unknown;
    try {
      toStructure(used({ params, urls }), template);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(DeliveryError);
    expect(refusal).toMatchObject({
      outcome: 'rejected',
      details: { reason: { key: 'template-mismatch' } },
    });
  });

  it('takes no link from which the part that changes is missing', () => {
    const urls = ['https://track.example.test/map'];
    const { keyboard } = toStructure(used({ urls, params: { '{{1}}': '118' } }), PARCEL);
    expect(keyboard?.rows[0]?.buttons[1]).toMatchObject({ url: TRACK, urlPostfix: '118' });
  });

  it('has a name for its file that edna takes, however long it was', () => {
    const name = `${'Договор '.repeat(20)}.pdf`;
    const media = {
      kind: 'file',
      attachment: { url: 'https://files.example.test/a.pdf', name },
    } as const;
    const { header } = toStructure(used({ media }));
    expect(header).toMatchObject({ documentName: expect.stringMatching(/^.{1,66}\.pdf$/) });
  });

  it('is nothing where edna does not know the template', () => {
    expect(toStructure(used())).toEqual({});
  });

  it.each([
    ['picture', { imageUrl: 'https://files.example.test/a.jpg' }],
    ['video', { videoUrl: 'https://files.example.test/a.jpg', videoName: 'a.jpg' }],
    ['file', { documentUrl: 'https://files.example.test/a.jpg', documentName: 'a.jpg' }],
  ] as const)('has the %s the message came with, known or not', (kind, header) => {
    const media = { kind, attachment: { url: 'https://files.example.test/a.jpg', name: 'a.jpg' } };
    expect(toStructure(used({ media }))).toEqual({ header });
    const known = { ...PARCEL, header: { kind }, footer: undefined, rows: [] };
    expect(toStructure(used({ media }), known)).toEqual({ header });
  });

  it('has the file of edna’s own example where the message came without one', () => {
    const header = { kind: 'picture', url: 'https://edna.example.test/sale.jpg' } as const;
    const template = { ...PARCEL, header, footer: undefined, rows: [] };
    expect(toStructure(used(), template)).toEqual({ header: { imageUrl: header.url } });
  });
});

describe('a one-time code', () => {
  it.each([
    ['{{1}} is your code', '402913 is your code', '402913'],
    ['Код: {{1}}.', 'Код: 7-71.', '7-71'],
    ['{{1}} is your code', 'Something else', 'Something else'],
    ['Code {{1}} expires', 'Code expires', 'Code expires'],
  ])('is found by "%s" in "%s"', (text, said, code) => {
    expect(oneTimeCode(said, { ...PARCEL, text })).toBe(code);
  });
});
