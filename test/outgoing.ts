import { conversationId, outboundSourceId, requestId } from '../src/domain/ids.js';
import type { Conversation } from '../src/domain/conversation.js';
import type { Dispatch, Route } from '../src/domain/ports.js';
import { LINE, SCOPE } from './builders.js';

/* What goes out to the two platforms, as specs invent it. */

export const CLIENT = '79995550142';

export function aConversation(given: Partial<Conversation> = {}): Conversation {
  const { channel = '71844', address = CLIENT } = given;
  return {
    id: 1,
    line: LINE,
    channel,
    address,
    conversationId: conversationId(channel, address),
    toBeLinked: false,
    ...given,
  };
}

export const CASCADE_ROUTE: Route = {
  dialect: 'cascade',
  dropsRepeats: true,
  cascadeId: '9026',
  channelType: 'WHATSAPP',
  subjectId: '71844',
  subject: 'acme_wa_main',
};

/** A manager's message on its way to the client; `id` is amoCRM's. */
export function aDispatch(given: Partial<Dispatch> & { id?: string } = {}): Dispatch {
  const { id = 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53', ...rest } = given;
  const messageId = outboundSourceId(SCOPE, id);
  return {
    requestId: requestId(SCOPE, messageId, 1, 0),
    messageId,
    content: { kind: 'text', text: 'Order 118 is packed.' },
    address: CLIENT,
    route: CASCADE_ROUTE,
    ...rest,
  };
}
