import type { Conversation } from './conversation.js';
import type { EdnaSide } from './line.js';
import type { Content } from './message.js';
import type { Reason } from './reasons.js';

const HOUR_MS = 3_600_000;

/** Meta's, for WhatsApp; none of the other messengers is known to have one at edna. */
const HOURS: Readonly<Record<string, number>> = { WHATSAPP: 24 };

/**
 * In the client's favour: our clock, the database's and edna's may differ, and the time is kept to the minute. A text
 * that edna would have taken is lost if we refuse it; one we let through too late edna refuses itself, for the
 * same reason.
 */
const MARGIN_MS = 5 * 60_000;

/** Whether only a template may still go to the client. Where nobody knows when he wrote last, the messenger decides. */
export function isWindowClosed(
  content: Content,
  { lastInboundAt }: Pick<Conversation, 'lastInboundAt'>,
  { sessionWindowHours }: Pick<EdnaSide, 'sessionWindowHours'>,
  channelType: string | undefined,
  now: Date,
): boolean {
  const hours = sessionWindowHours ?? HOURS[channelType ?? ''] ?? 0;
  if (hours === 0 || lastInboundAt === undefined || isFromTemplate(content)) return false;
  return now.getTime() - lastInboundAt.getTime() > hours * HOUR_MS + MARGIN_MS;
}

/** Why a message failed: that no template was found means something else where one was chosen. */
export function reasonOf(reason: Reason | undefined, content: Content): Reason | undefined {
  const isMisread = reason?.key === 'window-closed' && isFromTemplate(content);
  return isMisread ? { key: 'template-mismatch' } : reason;
}

/** Whether a manager chose a template for it. */
export function isFromTemplate(content: Content): boolean {
  return content.kind === 'text' && content.template !== undefined;
}
