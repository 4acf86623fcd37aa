import { randomUUID } from 'node:crypto';
import type { Changes } from '../changes.ts';
import {
  addressOf,
  digitsOf,
  standsIn,
  type Chat,
  type ChatMessage,
  type Participant,
  type Quote,
} from './chat.ts';
import type { EditMessage, NewMessage } from './message-body.ts';
import { Participants } from './participants.ts';
import { resolveQuote, type Embedded } from './quoted-message.ts';
import { refuseData } from './refusals.ts';
import type { AmojoSettings } from './settings.ts';

/** The cards of amoCRM behind the chats: contacts, leads and talks. */
export interface Cards {
  /** A live message of a client. @returns whether it opened a lead */
  takeLive(chat: Chat, client: Participant): boolean;
  /** Any message that came into a chat. */
  takeMessage(message: ChatMessage): void;
}

/**
 * Chats, participants, messages and leads of one channel. Which chat a message lands in is decided
 * as amojo decides it: by its own uuid if the message names one, else by the integration's id, and
 * an id not seen before opens another chat. Each scope has its own.
 */
export class ChatBook {
  readonly chats: Chat[] = [];
  readonly people: Participants;
  /** Leads opened by live messages, of all accounts. */
  leads = 0;
  readonly #changes: Changes;
  readonly #settings: AmojoSettings;
  readonly #cards: Cards;
  readonly #chats = new Map<string, Chat>();
  readonly #chatsByClientId = new Map<string, Chat>();
  readonly #messages = new Map<string, ChatMessage>();
  readonly #byMsgid = new Map<string, ChatMessage>();

  constructor(changes: Changes, settings: AmojoSettings, cards: Cards) {
    this.#changes = changes;
    this.#settings = settings;
    this.#cards = cards;
    this.people = new Participants(settings);
  }

  /** A message by amojo's id; of one scope, if it is given. */
  message(id: string, scopeId?: string): ChatMessage | undefined {
    const message = this.#messages.get(id);
    return scopeId === undefined || message?.chat.scopeId === scopeId ? message : undefined;
  }

  /** A message by the integration's `msgid`. */
  byMsgid(scopeId: string, msgid: string): ChatMessage | undefined {
    return this.#byMsgid.get(`${scopeId}/${msgid}`);
  }

  /** A chat by amojo's id; of one scope, if it is given. */
  chat(id: string, scopeId?: string): Chat | undefined {
    const chat = this.#chats.get(id);
    return scopeId === undefined || chat?.scopeId === scopeId ? chat : undefined;
  }

  byClientId(scopeId: string, clientId: string): Chat | undefined {
    return this.#chatsByClientId.get(`${scopeId}/${clientId}`);
  }

  /** The chats of the client with this address, oldest first. */
  withClient(address: string): Chat[] {
    const found = this.chats.filter(
      ({ client }) =>
        addressOf(client) === address ||
        (client.phone !== undefined && digitsOf(client.phone) === digitsOf(address)) ||
        addressOf({ clientId: client.clientId }) === address,
    );
    if (found.length > 0) return found;
    // An integration's ids are its own affair; mostly the address is somewhere in them.
    return this.chats.filter(({ client }) => standsIn(client.clientId ?? '', address));
  }

  /** Somebody deletes a chat: nothing finds it any more, though the cards still show it. */
  forget(chat: Chat): void {
    this.#chats.delete(chat.id);
    if (chat.clientId !== undefined)
      this.#chatsByClientId.delete(`${chat.scopeId}/${chat.clientId}`);
    this.#changes.announce();
  }

  /** Opens a chat, or finds the one that has the integration's id. */
  open(
    scopeId: string,
    clientId: string | undefined,
    client: Participant,
    more: { sourceId?: string; isWriteFirst?: boolean } = {},
  ): Chat {
    const known = clientId === undefined ? undefined : this.byClientId(scopeId, clientId);
    if (known !== undefined) return known;
    const chat: Chat = {
      id: randomUUID(),
      scopeId,
      client,
      participants: [client],
      messages: [],
      sourceId: more.sourceId,
      isWriteFirst: more.isWriteFirst ?? false,
      // A manager writes first from a lead's card, so that chat has one already.
      hasLead: more.isWriteFirst ?? false,
    };
    this.chats.push(chat);
    this.#chats.set(chat.id, chat);
    if (clientId !== undefined) this.#link(chat, clientId);
    this.#changes.announce();
    return chat;
  }

  /**
   * Files a checked `new_message`.
   * @param request its bytes
   * @throws {Refusal} 400 where it names what is not there
   */
  add(scopeId: string, message: NewMessage, request: string): ChatMessage {
    const { receiver, sender, silent } = message;
    const isIncoming = receiver === undefined;
    const named = this.#namedChat(scopeId, message);
    const replyTo = this.#quote(scopeId, message.replyTo, named ?? 'none');
    const forwards = this.#quote(scopeId, message.forwards);
    const { people } = this;
    const from = isIncoming
      ? people.client(scopeId, sender, 'payload.sender')
      : people.employee(scopeId, sender, 'payload.sender');
    const to = isIncoming ? undefined : people.client(scopeId, receiver, 'payload.receiver');
    const client = to ?? from;
    const chat = this.#chatOf(scopeId, message, client);
    for (const person of [from, to]) {
      if (person !== undefined && !chat.participants.includes(person)) {
        chat.participants.push(person);
      }
    }
    if (isIncoming && !silent && this.#cards.takeLive(chat, from)) {
      chat.hasLead = true;
      this.leads += 1;
    }
    return this.put({
      ...message.content,
      request,
      id: randomUUID(),
      clientId: message.msgid,
      chat,
      direction: isIncoming ? 'incoming' : 'outgoing',
      sender: from,
      receiver: to,
      timestamp: message.timestamp,
      msecTimestamp: message.msecTimestamp,
      replyTo,
      forwards,
      silent,
    });
  }

  /** Adds a message to its chat. */
  put(
    draft: Omit<ChatMessage, 'arrivedSeq' | 'isEdited' | 'tick' | 'reports' | 'reactions'>,
  ): ChatMessage {
    const message: ChatMessage = {
      ...draft,
      arrivedSeq: this.#changes.next(),
      isEdited: false,
      tick: { state: 'none' },
      reports: [],
      reactions: [],
    };
    message.chat.messages.push(message);
    this.#messages.set(message.id, message);
    this.#index(message);
    this.#cards.takeMessage(message);
    this.#changes.announce();
    return message;
  }

  /** @returns the edited message, or undefined where it is unknown */
  edit(scopeId: string, { id, msgid, content }: EditMessage): ChatMessage | undefined {
    const byId = id === undefined ? undefined : this.message(id, scopeId);
    const message = byId ?? (msgid === undefined ? undefined : this.byMsgid(scopeId, msgid));
    if (message === undefined) return undefined;
    const { media, fileName, fileSize, post: _post, callbackData, ...changed } = content;
    Object.assign(message, changed, { isEdited: true });
    message.callbackData = callbackData ?? message.callbackData;
    if (media !== '') Object.assign(message, { media, fileName, fileSize });
    if (id !== undefined && msgid !== undefined) {
      message.clientId = msgid;
      this.#index(message);
    }
    this.#changes.announce();
    return message;
  }

  /** The chat a body names, if there is one. @throws {Refusal} 400 for an unknown reference */
  #namedChat(scopeId: string, { conversationId, conversationRefId }: NewMessage): Chat | undefined {
    if (conversationRefId === undefined) return this.byClientId(scopeId, conversationId ?? '');
    const chat = this.chat(conversationRefId, scopeId);
    if (chat === undefined) throw refuseData('payload.conversation_ref_id', 'no such chat');
    return chat;
  }

  #chatOf(scopeId: string, message: NewMessage, client: Participant): Chat {
    const { conversationId, conversationRefId, sourceId } = message;
    const chat =
      this.#namedChat(scopeId, message) ?? this.open(scopeId, conversationId, client, { sourceId });
    chat.sourceId = sourceId ?? chat.sourceId;
    if (conversationRefId === undefined) return chat;
    const isFree = conversationId !== undefined && !this.byClientId(scopeId, conversationId);
    if (isFree && chat.clientId === undefined) this.#link(chat, conversationId);
    return chat;
  }

  /** @param chat where the quoted message has to stand; anywhere if left out */
  #quote(scopeId: string, embedded: Embedded | undefined, chat?: Chat | 'none'): Quote | undefined {
    if (embedded === undefined) return undefined;
    const { id, msgid = '' } = embedded;
    const known = id === undefined ? this.byMsgid(scopeId, msgid) : this.message(id, scopeId);
    return resolveQuote(embedded, known, { chat, unknownQuote: this.#settings.unknownQuote });
  }

  #link(chat: Chat, clientId: string): void {
    chat.clientId = clientId;
    this.#chatsByClientId.set(`${chat.scopeId}/${clientId}`, chat);
  }

  #index(message: ChatMessage): void {
    if (message.clientId === undefined) return;
    this.#byMsgid.set(`${message.chat.scopeId}/${message.clientId}`, message);
  }
}
