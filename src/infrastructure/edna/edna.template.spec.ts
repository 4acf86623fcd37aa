import { toTemplate } from './edna.template.js';

/** As https://docs.edna.io/kb/get-list-of-templates has it: objects inside may be null. */
const WIRE = {
  id: 31_008,
  name: 'parcel_arrives',
  language: 'RU',
  channelType: 'whatsapp',
  content: {
    attachment: null,
    header: { headerType: 'TEXT', text: 'Delivery', attachment: null },
    text: '{{1}}, your parcel {{2}}',
    footer: { text: 'Acme' },
    keyboard: {
      rows: [
        {
          buttons: [
            { text: 'Later', buttonType: 'QUICK_REPLY' },
            { text: 'Track', buttonType: 'URL', url: 'https://track.example.test/{{1}}' },
            { text: 'Call', buttonType: 'PHONE', phone: '79995550100' },
            { text: 'Copy', buttonType: 'URL', otpType: 'COPY_CODE' },
            { text: 'Form', buttonType: 'FLOW' },
          ],
        },
        { buttons: [] },
      ],
    },
    textExampleParams: ['Anna', 118],
  },
  contentType: 'TEXT',
  category: 'UTILITY',
  status: 'approved',
  locked: false,
};

describe('a template as edna lists it', () => {
  it('is read with its header, footer and buttons', () => {
    expect(toTemplate(WIRE)).toEqual({
      id: '31008',
      name: 'parcel_arrives',
      status: 'APPROVED',
      isLocked: false,
      contentType: 'TEXT',
      channelType: 'WHATSAPP',
      category: 'UTILITY',
      language: 'RU',
      text: '{{1}}, your parcel {{2}}',
      examples: ['Anna', '118'],
      header: { kind: 'text', text: 'Delivery' },
      footer: 'Acme',
      rows: [
        [
          { kind: 'reply', text: 'Later' },
          { kind: 'url', text: 'Track', url: 'https://track.example.test/{{1}}' },
          { kind: 'phone', text: 'Call', phone: '79995550100' },
          { kind: 'other', text: 'Copy', type: 'COPY_CODE' },
          { kind: 'other', text: 'Form', type: 'FLOW' },
        ],
      ],
    });
  });

  it('may be a bare text, with null for everything else', () => {
    const content = { header: null, text: 'Hello', footer: null, keyboard: null };
    expect(toTemplate({ id: '1', content, locked: true })).toMatchObject({
      name: '1',
      isLocked: true,
      text: 'Hello',
      header: undefined,
      rows: [],
    });
  });

  it.each([
    ['IMAGE', 'picture'],
    ['VIDEO', 'video'],
    ['DOCUMENT', 'file'],
  ])('has a %s above it', (headerType, kind) => {
    const attachment = { fileUrl: 'https://edna.example.test/1', originalFileName: 'a' };
    const content = { header: { headerType, text: null, attachment }, text: 'Sale' };
    const url = attachment.fileUrl;
    expect(toTemplate({ id: 1, content })?.header).toEqual({ kind, url, name: 'a' });
  });

  it.each([null, 'a text', {}, { id: 1 }, { id: 1, content: null }])('is not %j', (item) => {
    expect(toTemplate(item)).toBeUndefined();
  });
});
