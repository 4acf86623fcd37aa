import { startSandbox } from '../../../sandbox/sandbox.ts';
import { aLine } from '../../../test/builders.js';
import { describeCrmChat, type Trouble } from '../../../test/contracts/crm-chat.contract.js';
import { Settings } from '../../domain/settings.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import { AmojoCrmChat } from './amojo.adapter.js';
import { sign } from './amojo.signature.js';

const STATES = { none: undefined, delivered: 'delivered', read: 'read', error: 'failed' } as const;

describeCrmChat('amojo', async () => {
  const sandbox = await startSandbox();
  const { amojo } = sandbox;
  const settings = new Settings();
  const crm = new AmojoCrmChat(new Http(settings, new Clock()), new Clock(), settings);
  const line = aLine({}, { baseUrl: amojo.server.url });
  return {
    crm,
    line,
    inChat: (chatId) =>
      sandbox
        .chat(chatId)
        .messages.filter(({ direction }) => direction === 'incoming')
        .map(({ clientId = '' }) => clientId),
    quotedIn: (chatId) =>
      sandbox
        .chat(chatId)
        .messages.filter(({ direction }) => direction === 'incoming')
        .map(({ replyTo }) => replyTo?.msgid ?? replyTo?.id),
    textsIn: (chatId) =>
      sandbox
        .chat(chatId)
        .messages.filter(({ direction }) => direction === 'incoming')
        .map(({ text }) => text),
    reactionAt: (id) =>
      sandbox.chats
        .flatMap(({ messages }) => messages)
        .find((one) => one.id === id || one.clientId === id)?.reactions[0]?.emoji,
    openByManager: async (phone) => {
      const { id, chat } = await sandbox.manager.writesFirst(phone, 'Good morning');
      return { chatId: chat.id, participantId: chat.client.id, messageId: id };
    },
    markOf: (messageId) => {
      const { state, code, error } = amojo.book.message(messageId)?.tick ?? { state: 'none' };
      const status = STATES[state];
      return status && { status, ...(code && { code, text: error }) };
    },
    unknownMessage: () => '00000000-0000-4000-8000-000000000001',
    disconnect: async () => {
      const { accountId, channelId, channelSecret } = line.amo;
      const path = `/v2/origin/custom/${channelId}/disconnect`;
      const body = JSON.stringify({ account_id: accountId });
      const date = new Date().toUTCString();
      const headers = sign({ method: 'DELETE', path, body, date }, channelSecret);
      await sandbox.post(amojo.server.url + path, { method: 'DELETE', headers, body });
    },
    troubleNext: (trouble: Trouble) => {
      const endpoint = 'message';
      if (trouble.kind === 'busy') {
        const retryAfterSeconds = trouble.seconds;
        amojo.faults.add({ kind: 'answer', status: 429, retryAfterSeconds, endpoint, times: 1 });
      } else if (trouble.kind === 'refused') {
        amojo.faults.add({ kind: 'answer', status: 403, endpoint, times: 2 });
      } else {
        amojo.faults.add({ kind: `reset-${trouble.when}`, endpoint, times: 1 });
      }
    },
    close: () => sandbox.close(),
  };
});
