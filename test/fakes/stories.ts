import { Stories, type Story } from '../../src/domain/api.js';
import type { Conversation } from '../../src/domain/conversation.js';
import type { LineKey } from '../../src/domain/ids.js';

/** What the journal knows of conversations, in memory. */
export class FakeStories extends Stories {
  kept: readonly Conversation[] = [];
  /** What looking runs into. */
  failure?: Error;

  override messages(): Promise<readonly Story[]> {
    return Promise.resolve([]);
  }

  override conversations(
    by: 'chatId' | 'conversationId' | 'address',
    value: string,
    lines: readonly LineKey[],
  ): Promise<readonly Conversation[]> {
    if (this.failure) return Promise.reject(this.failure);
    return Promise.resolve(
      this.kept.filter((one) => one[by] === value && lines.includes(one.line)),
    );
  }

  override clientName(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}
