import { anInbound } from '../../../test/builders.js';
import { menuOf, picking } from './menu.js';

describe('an answer to a list', () => {
  const offered = anInbound('0').message;
  const choices = [{ title: 'In stock', data: 'stock' }];
  const menu = menuOf({ ...offered, content: { kind: 'text', text: 'What?', choices } }) ?? null;
  const answer = anInbound('1', { message: { content: { kind: 'text', text: 'In stock' } } });

  it('picks a row where the client wrote it', () => {
    expect(picking(answer, menu).message.callbackData).toBe('stock');
  });

  it('picks none in the words of a manager or a bot', () => {
    const author = { kind: 'bot', id: 'bot:1', refId: '1' } as const;
    const said = { ...answer, message: { ...answer.message, author } };
    expect(picking(said, menu)).toEqual(said);
  });
});
