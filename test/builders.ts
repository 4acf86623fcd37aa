import {
  inboundSourceId,
  lineKey,
  outboundSourceId,
  requestId,
  scopeId,
  type SourceId,
} from '../src/domain/ids.js';
import type {
  Arrival,
  Event,
  InboundEvent,
  OutboundEvent,
  ReceiptEvent,
} from '../src/domain/journal.js';
import { Lines, type Line } from '../src/domain/line.js';
import { toParts, type Message } from '../src/domain/message.js';
import type { Receipt } from '../src/domain/delivery-status.js';

/* What specs invent comes from here, so that only what matters shows in them. */

export const CHANNEL_ID = '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37';
export const ACCOUNT_ID = 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef';
export const SECRET = 'b7c1d90e4f5a6b2c8d3e1f0a9b8c7d6e5f4a3b2c';
export const SCOPE = scopeId(CHANNEL_ID, ACCOUNT_ID);
export const LINE = lineKey(SCOPE);

export function aLine(edna: Partial<Line['edna']> = {}, amo: Partial<Line['amo']> = {}): Line {
  return {
    key: LINE,
    scopeId: SCOPE,
    edna: {
      baseUrl: 'http://127.0.0.1:1',
      apiKey: 'spec-api-key',
      imType: 'whatsapp',
      subscriberIdType: 'PHONE',
      webhookTokens: [],
      ...edna,
    },
    amo: {
      baseUrl: 'http://127.0.0.1:1',
      channelId: CHANNEL_ID,
      channelSecret: SECRET,
      accountId: ACCOUNT_ID,
      title: 'Integration Channel',
      hookApiVersion: 'v2',
      ...amo,
    },
  };
}

/** A post of edna's that opens every line. */
export function aPost(at: Date, lines = new Lines([aLine()])) {
  return { lines, opened: lines.all, at };
}

export function aMessage(message: Partial<Message> = {}): Message {
  return {
    sourceId: inboundSourceId('71844', '1'),
    sender: { name: 'Vera' },
    content: { kind: 'text', text: 'Is it in stock?' },
    sentAt: new Date('2026-02-03T09:20:41Z'),
    ...message,
  };
}

/** A client's message; `id` is edna's. */
export function anInbound(
  id: string,
  of: Partial<Omit<InboundEvent, 'message'>> & { message?: Partial<Message> } = {},
): InboundEvent {
  const channel = of.channel ?? '71844';
  return {
    type: 'inbound',
    line: LINE,
    address: '79995550142',
    subject: 'acme_wa_main',
    ...of,
    channel,
    message: aMessage({ sourceId: inboundSourceId(channel, id), ...of.message }),
  };
}

/** A manager's message; `id` is amoCRM's. Its chat is the one of `anInbound`. */
export function anOutbound(
  id: string,
  of: Partial<Omit<OutboundEvent, 'message'>> & { message?: Partial<Message> } = {},
): OutboundEvent {
  const message = aMessage({
    sourceId: outboundSourceId(SCOPE, id),
    sender: { name: 'Oleg' },
    content: { kind: 'text', text: 'Yes, it is' },
    ...of.message,
  });
  return {
    type: 'outbound',
    line: LINE,
    conversationId: 'edna:71844:79995550142',
    chatId: '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53',
    participantId: 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04',
    writesFirst: false,
    phone: '79995550142',
    ...of,
    requestIds: requestIdsOf(message.sourceId, toParts(message.content).length),
    message,
  };
}

export function requestIdsOf(sourceId: SourceId, parts = 1) {
  return Array.from({ length: parts }, (_, i) => requestId(SCOPE, sourceId, i + 1, 0));
}

/** A receipt of the first part of a manager's message, unless it says otherwise. */
export function aReceipt(
  id: string,
  receipt: Receipt | Receipt['status'],
  of: Partial<Omit<ReceiptEvent, 'receipt'>> = {},
): ReceiptEvent {
  return {
    type: 'receipt',
    line: LINE,
    requestId: requestIdsOf(outboundSourceId(SCOPE, id))[0],
    ...of,
    receipt: typeof receipt === 'string' ? { status: receipt } : receipt,
  };
}

export function arrivals(...events: Event[]): Arrival[] {
  return events.map((event) => ({
    event,
    origin: { webhook: event.type === 'outbound' || event.type === 'note' ? 'amocrm' : 'edna' },
    raw: Buffer.from('{"as":"it came"}'),
  }));
}
