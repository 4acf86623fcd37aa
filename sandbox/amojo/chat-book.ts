import { randomUUID } from 'node:crypto';
import type { Changes } from '../changes.ts';
import { addressOf, type Chat, type ChatMessage, type Participant } from './chat.ts';
import type { EditMessage, NewMessage, Person } from './message-body.ts';
import { refuseData } from './refusals.ts';

/** Members of the company: managers, and the channel's bot. */
export interface Staff {
  readonly managers: readonly Participant[];
  readonly bot: Participant;
}

/**
 * Chats, participants, messages and leads of one channel. Which chat a message lands in is decided
 * as amojo decides it: by its own uuid if the message names one, else by the integration's id, and
 * an id not seen before opens another chat.
 */
export class ChatBook {
  readonly chats: Chat[] = [];
  /** Incoming leads opened by live messages. */
  leads = 0;
  readonly #changes: Changes;
  readonly #staff: Staff;
  readonly #chats = new Map<string, Chat>();
  readonly #chatsByClientId = new Map<string, Chat>();
  readonly #people = new Map<string, Participant>();
  readonly #peopleByClientId = new Map<string, Participant>();
  readonly #messages = new Map<string, ChatMessage>();
  readonly #byMsgid = new Map<string, ChatMessage>();

  constructor(changes: Changes, staff: Staff) {
    this.#changes = changes;
    this.#staff = staff;
  }

  /** A message by amojo's id. */
  message(id: string): ChatMessage | undefined {
    return this.#messages.get(id);
  }

  /** A message by the integration's `msgid`. */
  byMsgid(scopeId: string, msgid: string): ChatMessage | undefined {
    return this.#byMsgid.get(`${scopeId}/${msgid}`);
  }

  chat(id: string): Chat | undefined {
    return this.#chats.get(id);
  }

  byClientId(scopeId: string, clientId: string): Chat | undefined {
    return this.#chatsByClientId.get(`${scopeId}/${clientId}`);
  }

  /** The chats of the client with this address, oldest first. */
  withClient(address: string): Chat[] {
    return this.chats.filter(
      ({ client }) => addressOf(client) === address || client.phone === address,
    );
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

  /** Files a checked `new_message`. */
  add(scopeId: string, message: NewMessage): ChatMessage {
    const { receiver, sender, silent } = message;
    const isIncoming = receiver === undefined;
    const from = isIncoming ? this.client(sender) : this.#employee(sender);
    const to = isIncoming ? undefined : this.client(receiver);
    const chat = this.#chatOf(scopeId, message, to ?? from);
    for (const person of [from, to]) {
      if (person !== undefined && !chat.participants.includes(person)) {
        chat.participants.push(person);
      }
    }
    if (isIncoming && !silent && !chat.hasLead) {
      chat.hasLead = true;
      this.leads += 1;
    }
    return this.put({
      ...message.content,
      id: randomUUID(),
      clientId: message.msgid,
      chat,
      direction: isIncoming ? 'incoming' : 'outgoing',
      sender: from,
      receiver: to,
      timestamp: message.timestamp,
      msecTimestamp: message.msecTimestamp,
      replyTo: message.replyTo,
      silent,
    });
  }

  /** Adds a message to its chat. */
  put(draft: Omit<ChatMessage, 'arrivedSeq' | 'isEdited' | 'tick' | 'reports'>): ChatMessage {
    const message: ChatMessage = {
      ...draft,
      arrivedSeq: this.#changes.next(),
      isEdited: false,
      tick: { state: 'none' },
      reports: [],
    };
    message.chat.messages.push(message);
    this.#messages.set(message.id, message);
    this.#index(message);
    this.#changes.announce();
    return message;
  }

  /** @returns the edited message, or undefined where it is unknown */
  edit(scopeId: string, { id, msgid, content }: EditMessage): ChatMessage | undefined {
    const byId = id === undefined ? undefined : this.#messages.get(id);
    const message = byId ?? (msgid === undefined ? undefined : this.byMsgid(scopeId, msgid));
    if (message === undefined) return undefined;
    const { media, fileName, fileSize, ...changed } = content;
    Object.assign(message, changed, { isEdited: true });
    if (media !== '') Object.assign(message, { media, fileName, fileSize });
    if (id !== undefined && msgid !== undefined) {
      message.clientId = msgid;
      this.#index(message);
    }
    this.#changes.announce();
    return message;
  }

  /** The client a message names: joined by amojo's id, found by the integration's, or new. */
  client({ id, refId, name, phone, email, avatar }: Person): Participant {
    const byRef = refId === undefined ? undefined : this.#people.get(refId);
    if (refId !== undefined && byRef === undefined) {
      throw refuseData('payload.sender.ref_id', 'no such participant');
    }
    const known = byRef ?? (id === undefined ? undefined : this.#peopleByClientId.get(id));
    if (known !== undefined) {
      known.clientId ??= id;
      if (name !== '') known.name = name;
      return this.join(known);
    }
    return this.join({
      id: randomUUID(),
      clientId: id,
      role: 'client',
      name,
      phone,
      email,
      avatar,
    });
  }

  /** Makes a client known by both ids. */
  join(person: Participant): Participant {
    this.#people.set(person.id, person);
    if (person.clientId !== undefined) this.#peopleByClientId.set(person.clientId, person);
    return person;
  }

  #employee({ id, refId }: Person): Participant {
    const { managers, bot } = this.#staff;
    const found = [...managers, bot].find((person) => person.id === refId);
    if (found === undefined) {
      throw refuseData('payload.sender.ref_id', 'must be a user or the bot where a receiver is');
    }
    found.clientId ??= id;
    return found;
  }

  #chatOf(scopeId: string, message: NewMessage, client: Participant): Chat {
    const { conversationId, conversationRefId, sourceId } = message;
    if (conversationRefId === undefined) {
      return this.open(scopeId, conversationId, client, { sourceId });
    }
    const chat = this.chat(conversationRefId);
    if (chat === undefined) throw refuseData('payload.conversation_ref_id', 'no such chat');
    const isFree = conversationId !== undefined && !this.byClientId(scopeId, conversationId);
    if (isFree && chat.clientId === undefined) this.#link(chat, conversationId);
    return chat;
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
