import type { InboundEvent } from '../../domain/journal.js';
import { picked, type Choice, type Message } from '../../domain/message.js';

/** The last list of rows that a manager or a robot offered a client. */
interface Menu {
  /** The CRM's time, ms. */
  readonly offeredAt: number;
  readonly choices: readonly Choice[];
}

/** A client who writes "2" the week after means two of something else. */
const NUMBERS_COUNT_MS = 24 * 3_600_000;

/** What is kept of a message that offers a list; nothing of any other. */
export function menuOf({ content, sentAt }: Message): string | undefined {
  if (content.kind !== 'text' || !content.choices) return undefined;
  return JSON.stringify({ offeredAt: sentAt.getTime(), choices: content.choices } satisfies Menu);
}

/**
 * A client's message with the row it picks. Found out when it comes, and kept: by the time it is sent, or sent again,
 * another list may have been offered.
 */
export function picking(event: InboundEvent, menu: string | null): InboundEvent {
  const { message } = event;
  if (menu === null || message.author || message.content.kind !== 'text') return event;
  const { choices, offeredAt } = toMenu(menu);
  const isFresh = message.sentAt.getTime() - offeredAt <= NUMBERS_COUNT_MS;
  const callbackData = picked(choices, message.content.text, isFresh)?.data;
  return callbackData === undefined ? event : { ...event, message: { ...message, callbackData } };
}

/** Lists were kept without their date at first. */
function toMenu(json: string): Menu {
  const menu = JSON.parse(json) as Menu | readonly Choice[];
  return 'choices' in menu ? menu : { choices: menu, offeredAt: 0 };
}
