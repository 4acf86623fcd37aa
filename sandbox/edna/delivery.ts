import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { fetchFile } from '../fetched-file.ts';
import { extensionOf } from '../file-shelf.ts';
import { toJson, type JsonObject } from '../json.ts';
import type { Ledger } from '../ledger.ts';
import type { Parcel } from '../outbox.ts';
import type { EdnaStatus, OutDraft, OutMessage } from './out-message.ts';
import type { EdnaSettings } from './settings.ts';
import { statusBody } from './status-bodies.ts';

export interface DeliveryParts {
  readonly settings: EdnaSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  /** Posts a status callback. */
  readonly post: (raw: string, message: OutMessage) => { parcel: Parcel; handled: Promise<void> };
}

export interface ReportOptions {
  readonly error?: string | null;
  readonly at?: Date;
  /** Written over the finished body, key by key. */
  readonly overrides?: JsonObject;
}

const ARRIVED: readonly EdnaStatus[] = ['SENT', 'DELIVERED', 'READ'];

/**
 * From the 200 to the phone: attachments are fetched, statuses come about, callbacks go out.
 * A phone shows messages in the order in which they become SENT. A file is SENT only once it is
 * fetched, so a text sent right after it can overtake it.
 */
export class Delivery {
  readonly messages: OutMessage[] = [];
  readonly #parts: DeliveryParts;
  readonly #closing = new AbortController();
  readonly #byRequestId = new Map<string, OutMessage>();
  #lastId = 903_310;
  /** When content last went to an address: `address + content` → time. */
  readonly #recent = new Map<string, number>();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Takes a message that was found valid; all that follows happens after the answer. */
  take(draft: OutDraft, raw: string): OutMessage {
    const { clock, changes, ledger, settings } = this.#parts;
    this.#lastId += 1;
    const message: OutMessage = {
      ...draft,
      messageId: this.#lastId,
      acceptedAt: clock.now(),
      raw,
      status: null,
      statuses: [],
    };
    this.messages.push(message);
    this.#byRequestId.set(`${draft.dialect}/${draft.requestId}`, message);
    changes.announce();
    if (this.#isRepeat(message)) {
      ledger.cancelled += 1;
      clock.after(settings.delaysMs.sent, () => void this.report(message, 'CANCELLED'));
      return message;
    }
    if (message.content.attachment === null) this.#goThrough(message);
    else clock.after(settings.delaysMs.fetch, () => void this.#fetch(message));
    return message;
  }

  /** Only the cascade API cancels repeats; the other dialects send what they get. */
  #isRepeat({ dialect, address, content, acceptedAt }: OutMessage): boolean {
    if (dialect !== 'cascade') return false;
    const key = `${address}\n${JSON.stringify(content)}`;
    const last = this.#recent.get(key);
    if (last !== undefined && acceptedAt - last < this.#parts.settings.duplicateWindowMs) {
      return true;
    }
    this.#recent.set(key, acceptedAt);
    return false;
  }

  async #fetch(message: OutMessage): Promise<void> {
    const url = message.content.attachment?.url ?? '';
    try {
      if (extensionOf(new URL(url).pathname) === '') throw new Error('the path has no extension');
      message.file = await fetchFile(url, this.#parts.settings.fetchFrom, this.#closing.signal);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      message.fileError = error instanceof Error ? error.message : String(error);
      await this.report(message, 'FAILED', { error: 'error-content-format' });
      return;
    }
    this.#parts.changes.announce();
    this.#goThrough(message);
  }

  /** One status after the other: the next one's wait starts when the bridge has answered. */
  #goThrough(message: OutMessage): void {
    const { clock, settings } = this.#parts;
    const { fates, delaysMs, statuses } = settings;
    const fate = Object.entries(fates).find(([ending]) => message.address.endsWith(ending))?.[1];
    if (fate !== undefined) {
      clock.after(delaysMs.sent, () => void this.report(message, fate.status, fate));
      return;
    }
    const step = (left: readonly EdnaStatus[]): void => {
      const [next, ...rest] = left;
      if (next === undefined) return;
      const wait =
        next === 'READ' ? delaysMs.read : next === 'DELIVERED' ? delaysMs.delivered : delaysMs.sent;
      clock.after(wait, () => void this.report(message, next).then(() => step(rest)));
    };
    step(statuses === 'manual' ? [] : statuses);
  }

  /**
   * A message comes to a status: the phone shows it from SENT on, and the callback is posted.
   * @returns the callback, once the bridge has answered it for the first time
   */
  async report(
    message: OutMessage,
    status: EdnaStatus,
    { error = null, at, overrides = {} }: ReportOptions = {},
  ): Promise<Parcel> {
    const { changes, clock } = this.#parts;
    message.status = status;
    message.statuses.push({ status, error });
    if (ARRIVED.includes(status)) message.shownSeq ??= changes.next();
    changes.announce();
    const body = statusBody({ message, status, error, at: at?.getTime() ?? clock.now() });
    const { parcel, handled } = this.#parts.post(toJson({ ...body, ...overrides }), message);
    await handled;
    return parcel;
  }

  byRequestId(dialect: OutMessage['dialect'], requestId: string): OutMessage | undefined {
    return this.#byRequestId.get(`${dialect}/${requestId}`);
  }

  /** What the phone with this address shows from the business, in the order it came up. */
  shownTo(address: string): OutMessage[] {
    return this.messages
      .filter((message) => message.address === address && message.shownSeq !== undefined)
      .toSorted((one, other) => (one.shownSeq ?? 0) - (other.shownSeq ?? 0));
  }

  close(): void {
    this.#closing.abort();
  }
}
