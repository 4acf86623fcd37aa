import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { fetchFile } from '../fetched-file.ts';
import { extensionOf } from '../file-shelf.ts';
import { toJson, type JsonObject } from '../json.ts';
import type { Ledger } from '../ledger.ts';
import type { Parcel } from '../outbox.ts';
import { STAGE_TTL_MS } from './catalogue.ts';
import type { Fate } from './fates.ts';
import type { Gate } from './gate.ts';
import type { EdnaStatus, OutDraft, OutMessage } from './out-message.ts';
import type { EdnaSettings } from './settings.ts';
import { statusBody } from './status-bodies.ts';

export interface DeliveryParts {
  readonly settings: EdnaSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly gate: Gate;
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

/** After these a cascade goes on to its next stage; what is CANCELLED stays so. */
const NOT_ARRIVING: readonly EdnaStatus[] = [
  'UNDELIVERED',
  'FAILED',
  'EXPIRED',
  'INVALID',
  'NO-MATCH-TEMPLATE',
  'NO_MATCH_TEMPLATE',
];

/**
 * From the 200 to the phone: a start time is waited for, attachments are fetched, statuses come
 * about, callbacks go out. A phone shows messages in the order in which they become SENT. A file is
 * SENT only once it is fetched, so a text sent right after it can overtake it.
 */
export class Delivery {
  readonly messages: OutMessage[] = [];
  readonly #parts: DeliveryParts;
  readonly #closing = new AbortController();
  readonly #byRequestId = new Map<string, OutMessage>();
  /** Of time, as a later sandbox must not repeat it: bridges remember ids. */
  #lastId: number;
  /** When content last went to an address: `address + content` → time. */
  readonly #recent = new Map<string, number>();
  /** Messages whose cascade has gone on to the next stage. */
  readonly #left = new Set<OutMessage>();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#lastId = parts.clock.now();
  }

  /** Takes a message that was found valid; all that follows happens after the answer. */
  take(draft: OutDraft, raw: string): OutMessage {
    const { clock, ledger, settings } = this.#parts;
    const message = this.#enter(draft, raw);
    this.#byRequestId.set(`${draft.dialect}/${draft.requestId}`, message);
    if (this.#isRepeat(message)) {
      ledger.cancelled += 1;
      clock.after(settings.delaysMs.sent, () => void this.report(message, 'CANCELLED'));
      return message;
    }
    const waitMs = (message.startAt ?? 0) - clock.now();
    if (waitMs > 0) {
      clock.after(0, () => void this.report(message, 'DELAYED'));
      clock.after(waitMs, () => this.#begin(message));
    } else {
      this.#begin(message);
    }
    return message;
  }

  #enter(draft: OutDraft, raw: string): OutMessage {
    const { clock, changes, gate } = this.#parts;
    this.#lastId += 1;
    const message: OutMessage = {
      ...draft,
      messageId: this.#lastId,
      acceptedAt: clock.now(),
      raw,
      template: gate.templateOf(draft),
      status: null,
      statuses: [],
    };
    this.messages.push(message);
    changes.announce();
    return message;
  }

  #begin(message: OutMessage): void {
    const { clock, gate, settings } = this.#parts;
    const doom = gate.doom(message, clock.now());
    if (doom !== undefined) {
      clock.after(settings.delaysMs.sent, () => void this.report(message, doom.status, doom));
      return;
    }
    if (message.next !== undefined) clock.after(STAGE_TTL_MS, () => this.#goOn(message));
    if (urlOf(message) === undefined) this.#goThrough(message);
    else clock.after(settings.delaysMs.fetch, () => void this.#fetch(message));
  }

  /** A cascade's next stage is a message of its own, with the same request id. */
  #goOn(message: OutMessage): void {
    const isThere = message.statuses.some(
      ({ status }) => status === 'DELIVERED' || status === 'READ',
    );
    if (message.next === undefined || isThere || this.#left.has(message)) return;
    this.#left.add(message);
    this.#begin(this.#enter(message.next, message.raw));
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
    const url = urlOf(message) ?? '';
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
    const { delaysMs, statuses } = settings;
    const fate = this.#fateOf(message);
    if (fate !== undefined && fate.status !== 'EXPIRED') {
      clock.after(delaysMs.sent, () => void this.report(message, fate.status, fate));
      return;
    }
    const expiring: typeof statuses = ['SENT', 'EXPIRED'];
    const path = fate === undefined ? statuses : expiring;
    const step = (left: readonly EdnaStatus[]): void => {
      const [next, ...rest] = left;
      if (next === undefined) return;
      clock.after(wait(next), () => void this.report(message, next).then(() => step(rest)));
    };
    const wait = (status: EdnaStatus): number => {
      if (status === 'READ') return delaysMs.read;
      if (status === 'DELIVERED') return delaysMs.delivered;
      if (status !== 'EXPIRED') return delaysMs.sent;
      const { acceptedAt, startAt = 0 } = message;
      const { validitySeconds = settings.validityHours * 3600 } = message;
      return Math.max(0, Math.max(acceptedAt, startAt) + validitySeconds * 1000 - clock.now());
    };
    step(path === 'manual' ? [] : path);
  }

  #fateOf({ address }: OutMessage): Fate | undefined {
    const { fates } = this.#parts.settings;
    return Object.entries(fates).find(([ending]) => address.endsWith(ending))?.[1];
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
    const time = at?.getTime() ?? clock.now();
    message.status = status;
    message.statuses.push({ status, error, at: time });
    // A phone that is off until the message expires shows nothing of it.
    const isOff = status === 'SENT' && this.#fateOf(message)?.status === 'EXPIRED';
    if (ARRIVED.includes(status) && !isOff) message.shownSeq ??= changes.next();
    if (NOT_ARRIVING.includes(status)) this.#goOn(message);
    changes.announce();
    const body = statusBody({ message, status, error, at: time });
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

/** The file edna has to fetch first: the attachment, or what stands in the header. */
function urlOf({ content }: OutMessage): string | undefined {
  return content.attachment?.url ?? content.header?.url ?? undefined;
}
