import { aLine, SCOPE } from '../../../test/builders.ts';
import { fixture } from '../../../test/fixtures/fixture.ts';
import type { OutboundEvent } from '../../domain/journal.js';
import { Lines } from '../../domain/line.js';
import { toEvent } from './amocrm-webhook.mapper.js';

const LINES = new Lines([aLine()]);

/** The documented answer with a quote, with other things in its message. */
function read(inner: object, quoted: object = {}): OutboundEvent {
  const hook = structuredClone(fixture('amocrm', 'v2-reply')) as {
    message: { message: { reply_to: { message: object } } };
  };
  const { message } = hook.message;
  hook.message.message = {
    ...message,
    reply_to: { message: { ...message.reply_to.message, ...quoted } },
    ...inner,
  };
  const event = toEvent(hook, { scopeId: SCOPE, lines: LINES, signers: LINES.all, at: new Date() });
  return event as OutboundEvent;
}

const LINE_OF = '↩ «Есть в наличии?»';
const FILE = { type: 'picture', media: 'https://amojo.example.test/attachments/a.jpg' };

describe('a manager’s quote', () => {
  it('stands above the answer, in one part as before', () => {
    const { message, requestIds } = read({ text: 'Да' });
    expect(message.content).toEqual({ kind: 'text', text: `${LINE_OF}\nДа` });
    expect(requestIds).toHaveLength(1);
  });

  it('is cut at 200 letters', () => {
    const { message } = read({ text: 'Да' }, { text: '👋'.repeat(201) });
    expect(message.content).toMatchObject({ text: `↩ «${'👋'.repeat(200)}…»\nДа` });
  });

  it('goes with the caption of a file, and adds no part where there is none', () => {
    const captioned = read({ ...FILE, text: 'Вот' });
    expect(captioned.message.content).toMatchObject({ caption: `${LINE_OF}\nВот` });
    expect(captioned.requestIds).toHaveLength(2);
    const bare = read({ ...FILE, text: '' });
    expect(bare.message.content).toMatchObject({ caption: '' });
    expect(bare.requestIds).toHaveLength(1);
  });

  it('shows a file by its name', () => {
    const { message } = read({ text: 'Да' }, { text: '', file_name: 'price.pdf' });
    expect(message.content).toMatchObject({ text: '↩ «price.pdf»\nДа' });
  });

  it('leaves a template as it was approved', () => {
    const { message } = read({ text: 'Заказ 880124 готов', template: { id: 6120 } });
    expect(message.content).toMatchObject({ kind: 'text', text: 'Заказ 880124 готов' });
    expect(message.quote).toBeUndefined();
  });

  it('takes no room from a long answer', () => {
    const text = 'x'.repeat(3_900);
    expect(read({ text }).message.content).toEqual({ kind: 'text', text });
  });

  it('names the message by our id where the client wrote it, else by amoCRM’s', () => {
    expect(read({}, { msgid: 'edna:71844:5' }).message.quote?.sourceId).toBe('edna:71844:5');
    expect(read({}, { msgid: 'b-9', id: 'm-1', text: '' }).message.quote).toEqual({
      messageId: 'm-1',
      sourceId: `amo:${SCOPE}:m-1`,
    });
  });

  it.each([[null], ['m-1'], [[]], [{}], [{ message: null }], [{ message: {} }]])(
    'that is none changes nothing: %j',
    (reply_to) => {
      const { message } = read({ text: 'Да', reply_to });
      expect(message.content).toEqual({ kind: 'text', text: 'Да' });
      expect(message.quote).toBeUndefined();
    },
  );
});
