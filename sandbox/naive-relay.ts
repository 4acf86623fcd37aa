import { dig, isObject, shown, type JsonObject } from './json.ts';
import type { Posted, StandInBridge } from './stand-in-bridge.ts';

/**
 * The simplest bridge that can carry a conversation, for the sandbox's own specs: keeps nothing,
 * repeats nothing, answers 200 once it has passed a message on.
 */
export class NaiveRelay {
  /** Set to drop what it answers `false` for. */
  passes: (posted: Posted) => boolean = () => true;
  readonly #bridge: StandInBridge;
  #lastTime = 0;

  constructor(bridge: StandInBridge) {
    this.#bridge = bridge;
    bridge.answers = async (posted) => {
      if (this.passes(posted)) await this.relay(posted.body);
      return 200;
    };
  }

  async relay(body: unknown): Promise<void> {
    if (dig(body, 'messageContent') !== undefined) await this.toChat(body);
    else if (dig(body, 'statusAt') !== undefined) await this.mark(body);
    else if (isObject(dig(body, 'message', 'message'))) await this.toPhone(body);
  }

  /** @param more written over the payload */
  async toChat(body: unknown, more: JsonObject = {}): Promise<void> {
    const id = `edna:71844:${shown(dig(body, 'subscriber', 'identifier'))}`;
    const content = dig(body, 'messageContent');
    const media = dig(content, 'attachment', 'url');
    this.#lastTime = Math.max(this.#lastTime + 1, Date.now());
    const file = { type: 'picture', media, file_name: 'a.png', file_size: 0 };
    await this.#bridge.scope('', {
      event_type: 'new_message',
      payload: {
        timestamp: Math.floor(this.#lastTime / 1000),
        msec_timestamp: this.#lastTime,
        msgid: `edna:71844:${shown(dig(body, 'id'))}`,
        conversation_id: id,
        sender: { id, name: 'Клиент' },
        message: {
          ...(media === undefined ? { type: 'text' } : file),
          text: dig(content, 'text') ?? dig(content, 'caption'),
        },
        ...more,
      },
    });
  }

  /** @param requestId an id of its own, where a spec sends the message again */
  async toPhone(body: unknown, requestId?: string): Promise<void> {
    const message = dig(body, 'message', 'message');
    const id = shown(dig(message, 'id'));
    const clientId = shown(dig(body, 'message', 'receiver', 'client_id'));
    const media = shown(dig(message, 'media'));
    const file = { url: media, name: 'a.png' };
    await this.#bridge.edna('/api/cascade/schedule', {
      requestId: requestId ?? id,
      cascadeId: 9026,
      subscriberFilter: { address: clientId.split(':').at(-1), type: 'PHONE' },
      content: {
        whatsappContent:
          media === ''
            ? { contentType: 'TEXT', text: dig(message, 'text') }
            : { contentType: 'IMAGE', attachment: file },
      },
    });
  }

  async mark(body: unknown): Promise<void> {
    const code = { DELIVERED: 1, READ: 2 }[shown(dig(body, 'status'))];
    if (code === undefined) return;
    const path = `/${shown(dig(body, 'requestId'))}/delivery_status`;
    await this.#bridge.scope(path, { status_code: code });
  }
}
