import { toContent } from './amocrm-content.mapper.js';

const TEMPLATE = {
  id: 6120,
  external_id: '31008',
  content: 'Заказ {{lead.id}} готов',
  params: [
    { key: '{{lead.id}}', value: 880124 },
    { key: '', value: 'x' },
    'junk',
    { key: '{{a}}' },
  ],
};

describe('a message that a manager chose a template for', () => {
  it('is the text as it was filled in, and what is known of the template', () => {
    expect(toContent({ type: 'text', text: 'Заказ 880124 готов', template: TEMPLATE })).toEqual({
      kind: 'text',
      text: 'Заказ 880124 готов',
      template: { externalId: '31008', cardId: '6120', params: { '{{lead.id}}': '880124' } },
    });
  });

  it('may name no template of the messenger, nor any parameter', () => {
    const template = { id: 6120, external_id: null, content: 'Hello', params: null };
    expect(toContent({ type: 'text', text: 'Hello', template })).toEqual({
      kind: 'text',
      text: 'Hello',
      template: { cardId: '6120', params: {} },
    });
  });

  it('keeps where its link buttons lead', () => {
    const markup = {
      mode: 'inline',
      buttons: [[{ text: 'Track', url: 'https://track.example.test/118' }], [{ text: 'Later' }]],
    };
    expect(toContent({ type: 'text', text: 'Hello', template: TEMPLATE, markup })).toMatchObject({
      template: { urls: ['https://track.example.test/118'] },
    });
  });

  it('has its file above the text, and is one message', () => {
    const media = 'https://files.example.test/a.jpg';
    expect(toContent({ type: 'picture', text: 'Sale', media, template: TEMPLATE })).toMatchObject({
      kind: 'text',
      text: 'Sale',
      template: { externalId: '31008', media: { kind: 'picture', attachment: { url: media } } },
    });
  });

  it.each([null, [], 'x', undefined])('is free text where the template is %j', (template) => {
    expect(toContent({ type: 'text', text: 'Hello', template })).toEqual({
      kind: 'text',
      text: 'Hello',
    });
  });

  it('is what it is where it says nothing that could be sent', () => {
    expect(toContent({ type: 'text', text: '', template: TEMPLATE })).toMatchObject({
      kind: 'unsupported',
    });
  });
});
