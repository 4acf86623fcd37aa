import type { ClientContent, ClientMessage, WritingOptions } from './edna/client-message.ts';
import type { EdnaTwin } from './edna/edna-twin.ts';
import type { OutMessage } from './edna/out-message.ts';
import type { ParcelDraft } from './outbox.ts';

/** A client with a phone in hand. */
export class Client {
  readonly address: string;
  readonly #edna: EdnaTwin;

  constructor(edna: EdnaTwin, address: string) {
    this.#edna = edna;
    this.address = address;
  }

  /**
   * Writes to the business; resolves when the bridge has answered edna's callback for the first
   * time, failed to, or a fault has put the callback aside. See `message.parcel`.
   */
  async writes(content: ClientContent, options: WritingOptions = {}): Promise<ClientMessage> {
    const message = this.#edna.clients.prepare(this.address, content, options);
    await this.#edna.clients.post([message], options.array);
    return message;
  }

  /** Writes several messages that edna posts as one array. */
  async writesTogether(
    contents: readonly ClientContent[],
    options: WritingOptions = {},
  ): Promise<ClientMessage[]> {
    const messages = contents.map((content) =>
      this.#edna.clients.prepare(this.address, content, options),
    );
    await this.#edna.clients.post(messages, true);
    return messages;
  }

  /** Makes a message and its callback without posting it. */
  prepares(
    content: ClientContent,
    options: WritingOptions = {},
  ): { message: ClientMessage; callback: ParcelDraft } {
    const message = this.#edna.clients.prepare(this.address, content, options);
    return { message, callback: this.#edna.clients.callback([message], options.array) };
  }

  /** What the phone shows from the business, in the order it came up. */
  get sees(): OutMessage[] {
    return this.#edna.shownTo(this.address);
  }

  /** All that was accepted for this phone, shown or not. */
  get addressed(): OutMessage[] {
    return this.#edna.messages.filter((message) => message.address === this.address);
  }

  get wrote(): ClientMessage[] {
    return this.#edna.clients.messages.filter((message) => message.address === this.address);
  }
}
