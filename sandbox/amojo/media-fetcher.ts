import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { fetchFile } from '../fetched-file.ts';
import type { ChatMessage, Participant } from './chat.ts';
import type { AmojoSettings } from './settings.ts';

/** Fetches what a message links to, some time after the message was answered. */
export class MediaFetcher {
  readonly #settings: AmojoSettings;
  readonly #clock: Clock;
  readonly #changes: Changes;
  readonly #closing = new AbortController();

  constructor(settings: AmojoSettings, clock: Clock, changes: Changes) {
    this.#settings = settings;
    this.#clock = clock;
    this.#changes = changes;
  }

  /** The file of a message, and the avatar of who wrote it. */
  fetchFor(message: ChatMessage): void {
    this.fetchAvatar(message.sender);
    if (message.media === '') return;
    this.#later(async () => {
      try {
        message.file = await this.#fetch(message.media);
      } catch (error) {
        message.fileError = reasonOf(error);
      }
    });
  }

  /** An avatar, unless it is the one that was fetched before. */
  fetchAvatar(person: Participant): void {
    const { avatar } = person;
    if (!avatar || person.avatarFile?.url === avatar) return;
    this.#later(async () => {
      try {
        person.avatarFile = await this.#fetch(avatar);
        delete person.avatarError;
      } catch (error) {
        person.avatarError = reasonOf(error);
      }
    });
  }

  close(): void {
    this.#closing.abort();
  }

  #later(act: () => Promise<void>): void {
    this.#clock.after(this.#settings.fetchDelayMs, () => {
      void act().then(() => this.#changes.announce());
    });
  }

  #fetch(url: string) {
    return fetchFile(url, this.#settings.fetchFrom, this.#closing.signal);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
