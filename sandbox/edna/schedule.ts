import { dig, isGiven, isObject, shown, textOrNull } from '../json.ts';
import { stageUuid, type Cascade, type Channel, type ChannelType } from './catalogue.ts';
import type { OutDraft } from './out-message.ts';
import { isPhone } from './phone.ts';
import { refuse, refuseSchedule } from './refusals.ts';
import { readContent } from './whatsapp-content.ts';

const CONTENT_KEYS: Partial<Record<ChannelType, string>> = {
  WHATSAPP: 'whatsappContent',
  VIBER: 'viberContent',
  SMS: 'smsContent',
  PUSH: 'pushContent',
};

/** What an address of a client can be. */
export const ADDRESS_TYPES = [
  'PHONE',
  'EDNA_ID',
  'EMAIL',
  'UTM',
  'COOKIE_ID',
  'INSTAGRAM_ID',
  'FACEBOOK_ID',
  'TELEGRAM_ID',
  'GOOGLE_ID',
  'APPLE_ID',
  'YANDEX_ID',
  'DEVICE_APP_ID',
  'EXT_USER_ID',
];

export interface ScheduleContext {
  readonly cascades: readonly Cascade[];
  readonly channels: readonly Channel[];
  /** Throws where the id was used before. */
  readonly checkIsUnique: (requestId: string) => void;
}

/** A body of `cascade/schedule`, checked in edna's order: the first mistake is the one named. */
export function readSchedule(body: unknown, context: ScheduleContext): OutDraft {
  if (!isObject(body)) throw refuseSchedule('the body is no JSON object');
  const requestId = textOrNull(body.requestId);
  if (requestId === null || requestId === '') throw refuseSchedule('requestId is no text');
  context.checkIsUnique(requestId);

  const cascade = readCascade(body.cascadeId, context.cascades);
  const address = readAddress(body.subscriberFilter);
  const startAt = readStartTime(body.startTime);
  const comment = readComment(body.comment);
  if (!isObject(body.content)) throw refuse('content-not-specified', 'content is no object');
  const content = body.content;

  const stages = cascade.subjects.map((subject) => readChannel(subject, context.channels));
  const keys = stages.map((stage) => CONTENT_KEYS[stage.type]);
  if (keys.some((key) => key === undefined || !isObject(content[key]))) {
    throw refuse(
      'request-doesn’t-contain-content-for-all-cascade-stages',
      `cascade ${cascade.id} asks for ${keys.join(', ')}`,
    );
  }
  const foreign = Object.keys(content).find((key) => !keys.includes(key));
  if (foreign !== undefined) throw refuseSchedule(`${foreign} belongs to no stage of the cascade`);

  const drafts = stages.map((channel, order) => ({
    dialect: 'cascade' as const,
    requestId,
    address,
    channel,
    cascadeId: cascade.id,
    stageUuid: stageUuid(cascade, order),
    comment,
    content: readContent(content[String(keys[order])], String(keys[order])),
  }));
  const chain = drafts.reduceRight<OutDraft | undefined>(
    (next, draft) => ({ ...draft, next }),
    undefined,
  );
  if (chain === undefined) throw refuse('cascade-not-found', `cascade ${cascade.id} has no stage`);
  return { ...chain, startAt };
}

/** A channel that is not registered has no place in a cascade. */
function readChannel(subject: string, channels: readonly Channel[]): Channel {
  const found = channels.find((one) => one.subject === subject && one.active);
  if (found === undefined) throw refuse('cascade-not-found', `no active channel ${subject}`);
  return found;
}

/** ISO 8601 in UTC, as `2026-02-03T09:15:00Z`. */
function readStartTime(value: unknown): number | undefined {
  if (!isGiven(value)) return undefined;
  const at = typeof value === 'string' && UTC.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw refuseSchedule(`startTime ${shown(value)} is no time in UTC`);
  return at;
}

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function readComment(value: unknown): string | null {
  if (value === undefined || value === null || typeof value === 'string') return value ?? null;
  throw refuseSchedule('comment is no text');
}

function readCascade(value: unknown, cascades: readonly Cascade[]): Cascade {
  const isNumber = Number.isInteger(value);
  if (!isNumber && !(typeof value === 'string' && /^\d+$/.test(value))) {
    throw refuseSchedule('cascadeId is no integer');
  }
  const cascade = cascades.find(({ id }) => id === Number(value));
  if (cascade === undefined || cascade.status !== 'ACTIVE') {
    throw refuse('cascade-not-found', `Cascade template not found: ${shown(value)}`);
  }
  return cascade;
}

function readAddress(filter: unknown): string {
  const type = dig(filter, 'type');
  if (typeof type !== 'string' || !ADDRESS_TYPES.includes(type)) {
    throw refuseSchedule('subscriberFilter.type is unknown');
  }
  return checkAddress(dig(filter, 'address'), type);
}

/** @throws {Refusal} `error-address-format`; a phone is digits with the country code, no plus */
export function checkAddress(address: unknown, type: string): string {
  const isGood = type === 'PHONE' ? isPhone(address) : address !== '';
  if (typeof address !== 'string' || !isGood) {
    throw refuse('error-address-format', `${type} address is not valid`);
  }
  return address;
}
