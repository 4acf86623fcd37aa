import type { ChatMessage } from '../amojo/chat.ts';
import type { Clock } from '../clock.ts';

/** A talk: what is said in a chat from the first word until somebody closes it. */
export interface Talk {
  readonly id: number;
  readonly chatId: string;
  /** Comments under each post are a talk of their own. */
  readonly postId: string | undefined;
  /** Seconds since 1970. */
  readonly createdAt: number;
  updatedAt: number;
  /** The client wrote last, since this time, and nobody has answered. */
  missedAt: number | null;
  isInWork: boolean;
  isRead: boolean;
}

/** The talks of one account. */
export class Talks {
  readonly all: Talk[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(id: number): Talk | undefined {
    return this.all.find((talk) => talk.id === id);
  }

  /** Puts a message into the talk of its chat, or opens the next one. */
  take({ chat, post, direction }: ChatMessage): void {
    const at = Math.floor(this.#clock.now() / 1000);
    const isIncoming = direction === 'incoming';
    const talk = this.all.find(
      ({ chatId, postId, isInWork }) => isInWork && chatId === chat.id && postId === post?.id,
    );
    const missedAt = isIncoming ? at : null;
    if (talk !== undefined) {
      Object.assign(talk, { updatedAt: at, isRead: !isIncoming, missedAt });
      return;
    }
    this.all.push({
      id: this.all.length + 1,
      chatId: chat.id,
      postId: post?.id,
      createdAt: at,
      updatedAt: at,
      missedAt,
      isInWork: true,
      isRead: !isIncoming,
    });
  }

  close(talk: Talk): void {
    talk.isInWork = false;
    talk.updatedAt = Math.floor(this.#clock.now() / 1000);
  }
}
