import type { ChatMessage, Participant } from './chat.ts';

/** Sets somebody's reaction, which replaces the one they had; none takes it back. */
export function setReaction(
  message: ChatMessage,
  by: Participant,
  emoji: string | undefined,
): void {
  const others = message.reactions.filter((reaction) => reaction.by !== by);
  message.reactions = emoji === undefined ? others : [...others, { by, emoji }];
}
