import type { SourceId } from '../../src/domain/ids.js';
import type { Event } from '../../src/domain/journal.js';
import { anInbound, anOutbound } from '../builders.js';
import type { TrueMessage } from './truth.ts';

/** A message as it is posted. */
export interface Draft {
  readonly event: Event;
  readonly message: Pick<TrueMessage, 'direction' | 'chat'> & { readonly key: SourceId };
  readonly parts: number;
}

const addressOf = (chat: number) => `7999555014${chat}`;

export function inbound(chat: number, id: string): Draft {
  const event = anInbound(`${chat}${id}`, { address: addressOf(chat) });
  const message = { key: event.message.sourceId, direction: 'inbound', chat } as const;
  return { event, message, parts: 0 };
}

/** With a file and a caption, where it has two parts. */
export function outbound(chat: number, id: string, parts: 1 | 2): Draft {
  const event = anOutbound(`${chat}${id}-${parts}`, {
    conversationId: `edna:71844:${addressOf(chat)}`,
    chatId: undefined,
    participantId: undefined,
    ...(parts === 2 && { message: { content: FILE } }),
  });
  const message = { key: event.message.sourceId, direction: 'outbound', chat } as const;
  return { event, message, parts };
}

const FILE = {
  kind: 'file',
  attachment: { url: 'https://files.example.test/a.pdf' },
  caption: 'see page 2',
} as const;
