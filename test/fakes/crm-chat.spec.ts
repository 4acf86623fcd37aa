import { DeliveryError } from '../../src/domain/errors.js';
import { amoMessageIdOf } from '../../src/domain/ids.js';
import { explain } from '../../src/domain/reasons.js';
import { aLine } from '../builders.js';
import { describeCrmChat, type Trouble } from '../contracts/crm-chat.contract.js';
import { FakeCrmChat } from './crm-chat.js';

function toError(trouble: Trouble): DeliveryError {
  switch (trouble.kind) {
    case 'busy':
      return new DeliveryError('not-sent', 'fake: busy', { retryAfterMs: trouble.seconds * 1000 });
    case 'lost':
      return new DeliveryError('unknown', 'fake: the answer was lost');
    case 'refused':
      return new DeliveryError('blocked', 'fake: who are you?');
  }
}

describeCrmChat('the fake', async () => {
  const crm = new FakeCrmChat();
  return Promise.resolve({
    crm,
    line: aLine(),
    inChat: (chatId: string) => crm.in(chatId).map(({ sourceId }) => sourceId),
    quotedIn: (chatId: string) =>
      crm.in(chatId).map(({ quote }) => {
        const linked = quote?.linked;
        return linked && (amoMessageIdOf(linked) ?? linked);
      }),
    textsIn: (chatId: string) =>
      crm.in(chatId).map(({ content }) => (content.kind === 'text' ? content.text : '')),
    reactionAt: (id: string) => crm.reactions.get(id),
    openByManager: () => {
      const opened = crm.open();
      const messageId = 'written-by-a-manager';
      crm.managerWrites(opened.chatId, messageId);
      return Promise.resolve({ ...opened, messageId });
    },
    markOf: (messageId: string) => {
      const mark = crm.markOf(messageId);
      if (!mark?.reason) return mark;
      return { status: mark.status, ...explain(mark.reason, 'ru') };
    },
    unknownMessage: () => {
      crm.unknownMessages.add('nobody-wrote-it');
      return 'nobody-wrote-it';
    },
    disconnect: () => {
      crm.isConnected = false;
      return Promise.resolve();
    },
    troubleNext: (trouble: Trouble) =>
      crm.failNext(toError(trouble), trouble.kind === 'lost' ? trouble.when : 'before'),
    close: () => Promise.resolve(),
  });
});
