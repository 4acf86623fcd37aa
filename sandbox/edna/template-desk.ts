import type { Clock } from '../clock.ts';
import { toJson, type JsonObject } from '../json.ts';
import type { Parcel, ParcelDraft } from '../outbox.ts';
import type { OutMessage } from './out-message.ts';
import type { EdnaSettings } from './settings.ts';
import {
  templateBody,
  templateTime,
  type Template,
  type TemplateCategory,
  type TemplateStatus,
} from './template.ts';

export interface TemplateDeskParts {
  readonly settings: EdnaSettings;
  readonly clock: Clock;
  /** Posts a callback; resolves when the bridge has answered it for the first time. */
  readonly post: (
    draft: Pick<ParcelDraft, 'endpoint' | 'raw' | 'address' | 'text'>,
    subjectId: number | undefined,
  ) => Promise<Parcel>;
}

/** The people at WhatsApp who decide about templates, and the clients who press their links. */
export class TemplateDesk {
  readonly #parts: TemplateDeskParts;

  constructor(parts: TemplateDeskParts) {
    this.#parts = parts;
  }

  get all(): readonly Template[] {
    return this.#parts.settings.templates;
  }

  /** @throws {Error} where there is none */
  find(id: number): Template {
    const found = this.all.find((template) => template.id === id);
    if (found === undefined) throw new Error(`The sandbox has no template ${id}`);
    return found;
  }

  /** Puts a new template on the list; it waits for approval unless it says otherwise. */
  add(template: Omit<Template, 'id' | 'createdAt' | 'updatedAt'>): Template {
    const { settings, clock } = this.#parts;
    const id = Math.max(31_000, ...this.all.map((one) => one.id)) + 1;
    const now = templateTime(clock.now());
    const added = { ...template, id, createdAt: now, updatedAt: now };
    settings.templates = [...this.all, added];
    return added;
  }

  /**
   * Approves, rejects, pauses … a template, and tells the bridge: the body is an array.
   * @param more goes into it besides; that edna tells why it rejected one is not established
   */
  decide(id: number, status: TemplateStatus, more: JsonObject = {}): Promise<Parcel> {
    const template = this.#change(id, { status });
    const raw = toJson([{ ...templateBody(template), ...more }]);
    return this.#post({ endpoint: 'template', raw, text: template.name }, template);
  }

  /** A locked template is listed as before and matches nothing; edna posts nothing about it. */
  lock(id: number, locked = true): void {
    this.#change(id, { locked });
  }

  /** WhatsApp files a template under another category, and edna tells the bridge. */
  recategorise(id: number, category: TemplateCategory): Promise<Parcel> {
    const template = this.#change(id, { category });
    const { name, channelType } = template;
    const payload = { id, name, channelType, category };
    return this.#post(
      {
        endpoint: 'event',
        raw: this.#envelope('message_matcher.category_changed', payload),
        text: name,
      },
      template,
    );
  }

  /**
   * The client presses the link of a message that was sent by a template.
   * @param url where the link leads; that of the message's own button when left out
   * @throws {Error} where the message matched no template, or has no link
   */
  visit(message: OutMessage, url: string | undefined = linkOf(message)): Promise<Parcel> {
    const { template, channel, messageId, address, requestId } = message;
    if (template === undefined) throw new Error(`Message ${messageId} matched no template`);
    if (url === undefined) throw new Error(`Message ${messageId} has no link`);
    const payload = {
      sender: channel.subject,
      templateId: template.id,
      channelType: channel.type,
      outMessageId: messageId,
      phone: address,
      url,
      shortLink: `https://l.example.test/${messageId.toString(36)}`,
      ...(requestId === null ? {} : { requestId }),
    };
    const raw = this.#envelope('short_link_visited', payload);
    return this.#post({ endpoint: 'event', raw, address, text: url }, template);
  }

  /** edna writes nine digits after the seconds here. */
  #envelope(type: string, payload: object): string {
    const timestamp = new Date(this.#parts.clock.now()).toISOString().replace('Z', '456789Z');
    return toJson({ payload, type, version: 'v1', timestamp });
  }

  #change(id: number, change: Partial<Template>): Template {
    const { settings, clock } = this.#parts;
    const updatedAt = templateTime(clock.now());
    const changed = { ...this.find(id), ...change, updatedAt };
    settings.templates = this.all.map((one) => (one.id === id ? changed : one));
    return changed;
  }

  #post(
    draft: Pick<ParcelDraft, 'endpoint' | 'raw' | 'address' | 'text'>,
    { subjectIds }: Template,
  ): Promise<Parcel> {
    return this.#parts.post(draft, subjectIds[0]);
  }
}

function linkOf({ content }: OutMessage): string | undefined {
  return content.keyboard?.rows.flatMap(({ buttons }) => buttons).find(({ url }) => url)?.url;
}
