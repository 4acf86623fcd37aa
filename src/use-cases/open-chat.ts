import { Injectable } from '@nestjs/common';
import type { Conversation } from '../domain/conversation.js';
import type { Line } from '../domain/line.js';
import { CrmChat, type OpenedChat } from '../domain/ports.js';

/** The chat of a client, before anybody has written in it. */
@Injectable()
export class OpenChat {
  constructor(private readonly crm: CrmChat) {}

  /**
   * Opens it in the CRM unless the conversation has one: a chat that a manager opened is the client's, and must not get
   * a second one beside it.
   * @throws {DeliveryError}
   */
  async execute(
    conversation: Conversation,
    name: string,
    line: Line,
  ): Promise<OpenedChat & { readonly isNew: boolean }> {
    const { chatId, participantId } = conversation;
    if (chatId !== undefined) {
      return { chatId, ...(participantId !== undefined && { participantId }), isNew: false };
    }
    return { ...(await this.crm.openChat(conversation, { name }, line)), isNew: true };
  }
}
