import type { JsonObject } from '../json.ts';
import { isoSeconds, legacyTime } from './incoming-bodies.ts';
import type { Dialect, EdnaStatus, OutMessage } from './out-message.ts';

export interface StatusParts {
  readonly message: OutMessage;
  readonly status: EdnaStatus;
  readonly error: string | null;
  readonly at: number;
}

/** The callback about a status, in the form that goes with the way the message was sent. */
export function statusBody(parts: StatusParts): JsonObject {
  return BODIES[parts.message.dialect](parts);
}

const BODIES: Record<Dialect, (parts: StatusParts) => JsonObject> = {
  cascade: currentBody,
  // MAX takes no id from the caller, so its receipts have edna's id alone.
  'max-bot': currentBody,
  max: currentBody,
  simple: ({ message, status }) => ({ id: message.requestId, status: status.toLowerCase() }),
  legacy: ({ message, status, error, at }) => ({
    imOutMessageId: message.requestId,
    dlvStatus: status.toLowerCase(),
    dlvStatusAt: legacyTime(at),
    dlvError: error,
    rate: null,
    reserveSms: null,
  }),
};

function currentBody({ message, status, error, at }: StatusParts): JsonObject {
  return {
    requestId: message.requestId,
    messageId: message.messageId,
    cascadeId: message.cascadeId,
    cascadeStageUUID: message.stageUuid,
    subject: message.channel.subject,
    subjectId: message.channel.subjectId,
    status,
    statusAt: isoSeconds(at),
    error,
    comment: message.comment,
    paymentData: message.channel.type === 'WHATSAPP' && status === 'DELIVERED' ? PAYMENT : null,
  };
}

const PAYMENT = {
  '@type': 'WhatsAppConversationPaymentData',
  conversationId: 'c-55',
  conversationType: 'service',
  chargeable: false,
  type: 'WHATSAPP_CONVERSATION',
};
