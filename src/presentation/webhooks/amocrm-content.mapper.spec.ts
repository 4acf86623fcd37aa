import { toContent } from './amocrm-content.mapper.js';

const PDF = 'https://amojo.example.test/attachments/act-12.pdf';
const attachment = { url: PDF, name: 'act-12.pdf' };

describe('content of a manager', () => {
  it.each(['Здравствуйте', '👩‍👩‍👧‍👦', '\u200B', ' a\nb ', 'я'.repeat(10_000)])(
    'passes text on to the letter: %.20j',
    (text) => {
      expect(toContent({ type: 'text', text, media: '' })).toEqual({ kind: 'text', text });
    },
  );

  it.each(['picture', 'file', 'video', 'voice', 'audio', 'sticker'])(
    'takes a %s with its words and without',
    (type) => {
      expect(toContent({ type, media: PDF, text: 'The act' })).toEqual({
        kind: type,
        attachment,
        caption: 'The act',
      });
      for (const text of ['', ' \n', null, undefined]) {
        expect(toContent({ type, media: PDF, text })).toMatchObject({ caption: '' });
      }
    },
  );

  it('takes name and size as they are said', () => {
    expect(
      toContent({ type: 'File', media: PDF, file_name: 'Акт.pdf', file_size: 20480 }),
    ).toMatchObject({ attachment: { url: PDF, name: 'Акт.pdf', sizeBytes: 20480 } });
  });

  it('sends the file of a message that calls itself text', () => {
    expect(toContent({ type: 'text', media: PDF, text: 'The act' })).toEqual({
      kind: 'file',
      attachment,
      caption: 'The act',
    });
  });

  it('sends words and link of a kind nobody has told us of', () => {
    expect(toContent({ type: 'poll', text: 'Which day?', media: PDF })).toEqual({
      kind: 'text',
      text: `Which day?\n${PDF}`,
    });
    expect(toContent({ type: 'poll', media: PDF })).toEqual({ kind: 'text', text: PDF });
    expect(toContent({ type: 'poll', text: 'Which day?' })).toMatchObject({ text: 'Which day?' });
  });

  it.each([
    [{ type: 'poll' }, 'poll'],
    [{ type: 'text', text: '' }, 'text'],
    [{ type: 'text', text: ' \n' }, 'text'],
    [{}, 'text'],
    [{ type: 'picture', text: '', media: '' }, 'picture'],
    [{ type: 'x'.repeat(90) }, 'x'.repeat(40)],
  ])('cannot be carried where it says nothing: %j', (body, type) => {
    expect(toContent(body)).toMatchObject({ kind: 'unsupported', type, text: '' });
  });

  it('is not sent without its file', () => {
    expect(toContent({ type: 'picture', text: 'Price', media: 'attachments/7.jpg' })).toEqual({
      kind: 'unsupported',
      substitute: 'file-failed',
      type: 'picture',
      text: 'Price',
    });
  });

  it('says what it forwards, where it has no words of its own', () => {
    const forwards = { messages: [null, { type: 'file', media: PDF, text: '' }] };
    expect(toContent({ type: 'text', text: '', forwards })).toMatchObject({ kind: 'file' });
    expect(toContent({ type: 'text', text: 'See', forwards })).toMatchObject({ text: 'See' });
    for (const messages of [null, 'x', [], [[]], [{}]]) {
      expect(toContent({ forwards: { messages } })).toMatchObject({ kind: 'unsupported' });
    }
  });
});
