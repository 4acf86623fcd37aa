import { createHash } from 'node:crypto';
import type { FiledFile } from '../../domain/media.js';

/** Names that `copyName` gives: nothing else in a store is touched. */
export const COPY_NAME = /^(?:inbound|outbound)-\d+-[0-9a-f]{32}$/;

/** What a copy is called. Row numbers begin anew with another journal, so the message's own id is part of it. */
export function copyName({ direction, messageId, line, sourceId }: FiledFile): string {
  const digest = createHash('sha256').update(`${line}\n${sourceId}`).digest('hex').slice(0, 32);
  return `${direction}-${messageId}-${digest}`;
}
