import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import type { Line } from '../../domain/line.js';
import type { MessengerTemplate } from '../../domain/templates.js';
import { Clock } from '../clock.js';
import { isTaken, outcomeOf, toDeliveryError, type Answer } from '../http-answer.js';
import { dig, idOf, numberIn, parseJson, textOf } from '../json.js';
import { EdnaApi } from './edna.api.js';
import { channelOf } from './edna.channels.js';
import { isRefusal, toBlocked } from './edna.errors.js';
import { toTemplate } from './edna.template.js';

/** A cascade of the account, by its first stage. */
export interface Cascade {
  readonly id: string;
  /** It sends, through one channel, and that channel is not locked. */
  readonly isUsable: boolean;
  readonly subjectId?: string;
  readonly subject?: string;
  /** Upper case. */
  readonly type?: string;
}

/** A channel of the account. */
export interface ChannelProfile {
  readonly subjectId: string;
  readonly subject: string;
  /** Upper case. */
  readonly type: string;
}

export type Listing<Item> =
  | { readonly kind: 'listed'; readonly items: readonly Item[] }
  /** edna here has no such list. */
  | { readonly kind: 'absent'; readonly why: string }
  /** There may be one, but not for us. */
  | { readonly kind: 'refused'; readonly error: DeliveryError };

interface Kept<Item> {
  readonly listing: Promise<Listing<Item>>;
  /** Absent while edna is being asked. */
  answeredAtMs?: number;
}

/** More channels than any company has; what names them comes in with whatever is posted. */
export const MOST_KEPT = 1_000;

/**
 * What edna tells of an account: its cascades, channels and templates. Keeps each answer, and gives the one that is under way
 * to all who ask meanwhile; a question that failed is forgotten.
 */
@Injectable()
export class EdnaCatalogue {
  private readonly keptCascades = new Map<string, Kept<Cascade>>();
  private readonly keptChannels = new Map<string, Kept<ChannelProfile>>();
  private readonly keptTemplates = new Map<string, Kept<MessengerTemplate>>();

  constructor(
    private readonly api: EdnaApi,
    private readonly clock: Clock,
  ) {}

  /** The moment by which questions that begin now are to be answered. */
  deadline(): number {
    return this.api.deadline();
  }

  /** @throws {DeliveryError} `not-sent` while edna cannot be asked */
  cascades(line: Line, maxAgeMs: number, deadline: number): Promise<Listing<Cascade>> {
    const ask = () => this.api.post(line, '/api/cascade/get-all', {}, deadline);
    return this.keep(this.keptCascades, accountOf(line), maxAgeMs, () => listed(ask, toCascade));
  }

  /** @throws {DeliveryError} `not-sent` while edna cannot be asked */
  channels(line: Line, maxAgeMs: number, deadline: number): Promise<Listing<ChannelProfile>> {
    const ask = () => this.api.get(line, '/api/channel-profile', deadline);
    return this.keep(this.keptChannels, accountOf(line), maxAgeMs, () =>
      listed(ask, toChannelProfile),
    );
  }

  /** Of one channel. @throws {DeliveryError} `not-sent` while edna cannot be asked */
  templates(
    line: Line,
    subjectId: string,
    maxAgeMs: number,
    deadline: number,
  ): Promise<Listing<MessengerTemplate>> {
    const number = Number(subjectId);
    const body = { subjectId: Number.isSafeInteger(number) ? number : subjectId };
    const path = '/api/message-matchers/get-by-request';
    const ask = () => this.api.post(line, path, body, deadline);
    const key = `${accountOf(line)} ${subjectId}`;
    return this.keep(this.keptTemplates, key, maxAgeMs, () => listed(ask, toTemplate));
  }

  /** Of all channels; what is being asked meanwhile is not kept. */
  forgetTemplates(): void {
    this.keptTemplates.clear();
  }

  private async keep<Item>(
    all: Map<string, Kept<Item>>,
    key: string,
    maxAgeMs: number,
    ask: () => Promise<Listing<Item>>,
  ): Promise<Listing<Item>> {
    const last = all.get(key);
    if (last && (last.answeredAtMs === undefined || this.nowMs() - last.answeredAtMs < maxAgeMs)) {
      return last.listing;
    }
    const kept: Kept<Item> = { listing: ask() };
    all.delete(key);
    all.set(key, kept);
    const [oldest] = all.keys();
    if (all.size > MOST_KEPT && oldest !== undefined) all.delete(oldest);
    try {
      const listing = await kept.listing;
      kept.answeredAtMs = this.nowMs();
      return listing;
    } catch (error) {
      all.delete(key);
      throw error;
    }
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}

/** What edna lists depends on the key; lines with the same one need one list, and another key another. */
function accountOf({ edna }: Line): string {
  return `${edna.baseUrl} ${edna.apiKey}`;
}

async function listed<Item>(
  ask: () => Promise<Answer>,
  toItem: (item: unknown) => Item | undefined,
): Promise<Listing<Item>> {
  const answer = await ask().catch((error: unknown) => {
    throw notSent(error);
  });
  const { status } = answer;
  if (status === 404 || status === 405) return { kind: 'absent', why: `HTTP ${status}` };
  if (!isTaken(answer)) {
    if (['not-sent', 'unknown'].includes(outcomeOf(status))) {
      throw toDeliveryError('edna', answer, { outcome: 'not-sent' });
    }
    return { kind: 'refused', error: toBlocked(answer) };
  }
  const body = parseJson(answer.body);
  if (body === undefined) throw new DeliveryError('not-sent', 'edna answered no JSON');
  if (isRefusal(body)) return { kind: 'refused', error: toBlocked(answer) };
  if (!Array.isArray(body)) return { kind: 'absent', why: 'no list' };
  return { kind: 'listed', items: body.flatMap((item) => toItem(item) ?? []) };
}

/** A question without an answer: no message was in it. */
function notSent(error: unknown): unknown {
  if (!(error instanceof DeliveryError)) return error;
  return new DeliveryError('not-sent', error.message, error.details);
}

/** https://docs.edna.io/kb/retrieve-details-of-cascades; a second stage would stand within the first. */
function toCascade(item: unknown): Cascade | undefined {
  const id = idOf(dig(item, 'id'));
  if (!id) return undefined;
  const stages = dig(item, 'stages');
  const subject = dig(Array.isArray(stages) ? stages[0] : undefined, 'subject');
  const type = textOf(dig(subject, 'type'))?.toUpperCase();
  return {
    id,
    isUsable:
      textOf(dig(item, 'status'))?.toUpperCase() === 'ACTIVE' &&
      numberIn(dig(item, 'stagesCount')) === 1 &&
      dig(subject, 'locked') !== true &&
      channelOf(type).contentKey !== undefined,
    subjectId: idOf(dig(subject, 'id')),
    subject: textOf(dig(subject, 'subject')),
    type,
  };
}

/** https://docs.edna.io/kb/retrieve-list-of-channels; a channel without `subjectId` is not at work yet. */
function toChannelProfile(item: unknown): ChannelProfile | undefined {
  const subjectId = idOf(dig(item, 'subjectId'));
  const subject = textOf(dig(item, 'subject'));
  const type = textOf(dig(item, 'type'))?.toUpperCase();
  return subjectId && subject && type ? { subjectId, subject, type } : undefined;
}
