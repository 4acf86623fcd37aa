import { isNotice, noticeSourceId } from '../../src/domain/ids.js';
import type { Change, Work } from '../../src/domain/journal.js';

/** How a try ends. `unknown`: whether the other side has taken it, nobody knows. */
export type End = 'taken' | 'rejected' | 'not-sent' | 'unknown';

/** What is to be written down of a try. */
export function changesOf(work: Work, end: End, withNotice: boolean): readonly Change[] {
  const { messageId, kind } = work;
  const part =
    work.kind === 'outbound' ? work.parts.find(({ state }) => state === 'waiting') : undefined;
  const attempt: Change = {
    type: 'attempt',
    attempt: {
      messageId,
      ...(part && { partId: part.id }),
      kind,
      at: new Date('2026-02-03T09:20:41Z'),
      durationMs: 3,
      outcome: end,
    },
  };
  if (end === 'not-sent' || end === 'unknown') {
    const why = end === 'unknown' ? end : 'failed';
    return [{ type: 'put-off', messageId, kind, why, ...(part && { partId: part.id }) }, attempt];
  }
  if (work.kind === 'status')
    return [{ type: 'reported', messageId, status: work.status }, attempt];
  if (work.kind === 'inbound') {
    const { conversation, message } = work;
    if (end === 'taken') {
      const delivered = { messageId: `amo-${messageId}` };
      const conversationId = conversation.id;
      return [
        { type: 'inbound-handed-over', messageId, conversation: conversationId, delivered },
        attempt,
      ];
    }
    const notice = { ...message, sourceId: noticeSourceId(message.sourceId) };
    const hasNotice = withNotice && !isNotice(message.sourceId);
    const reason = { key: 'amo-rejected' } as const;
    return [{ type: 'inbound-failed', messageId, reason, ...(hasNotice && { notice }) }, attempt];
  }
  if (!part) return [{ type: 'outbound-handed-over', messageId }];
  if (end === 'rejected') {
    const reason = { key: 'not-accepted' } as const;
    return [{ type: 'outbound-failed', messageId, partId: part.id, reason }, attempt];
  }
  const isLast = work.parts.every((one) => one === part || one.state !== 'waiting');
  return [
    { type: 'part-handed-over', messageId, partId: part.id },
    ...(isLast ? [{ type: 'outbound-handed-over', messageId } as const] : []),
    attempt,
  ];
}

/** Whether a lane goes on with its next message. */
export function isDone(work: Work, changes: readonly Change[]): boolean {
  if (work.kind === 'status') return changes.some(({ type }) => type === 'reported');
  return changes.some(({ type }) => OVER.has(type));
}

const OVER: ReadonlySet<Change['type']> = new Set<Change['type']>([
  'inbound-handed-over',
  'inbound-failed',
  'outbound-handed-over',
  'outbound-failed',
]);
