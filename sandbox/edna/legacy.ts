import { isGiven, isObject, shown, textOrNull, type JsonObject } from '../json.ts';
import { channelOfImType, type Channel } from './catalogue.ts';
import { readLegacyContent, type LegacyNo } from './legacy-content.ts';
import type { OutDraft, PhoneContent } from './out-message.ts';
import { isPhone } from './phone.ts';
import { refuseLegacy } from './refusals.ts';
import { readStructure } from './structure.ts';

const LEGACY_LIMITS = { idChars: 36 };
const PRIORITIES = ['realtime', 'high', 'normal', 'low'];
const HSM_BUTTONS = ['QUICK_REPLY', 'URL', 'PHONE', 'TEXT'];

export interface LegacyContext {
  readonly channels: readonly Channel[];
  /** HTTP status of refusals, 200 or 4xx. */
  readonly refusalStatus: number;
  /** Throws where the id was used before. */
  readonly checkIsUnique: (id: string) => void;
}

/** Body of `imOutMessage`. */
export function readLegacy(body: unknown, context: LegacyContext): OutDraft {
  const no: LegacyNo = (code, detail) => refuseLegacy(code, context.refusalStatus, detail);
  if (!isObject(body)) throw no('error-syntax', 'the body is no JSON object');
  const id = textOrNull(body.id);
  if (id === null || id === '' || id.length > LEGACY_LIMITS.idChars) {
    throw no('error-syntax', `id: 1 to ${LEGACY_LIMITS.idChars} characters`);
  }
  context.checkIsUnique(id);
  const channel = readSubject(body.subject, context.channels, no);
  const address = readAddress(body.address, no);
  if (body.imType !== undefined && channelOfImType(body.imType, context.channels) === undefined) {
    throw no('error-im-type-not-specified', 'imType is unknown');
  }
  if (isGiven(body.priority) && !PRIORITIES.includes(shown(body.priority))) {
    throw no('error-priority-format', `priority is one of ${PRIORITIES.join(', ')}`);
  }
  return {
    dialect: 'legacy',
    requestId: id,
    address,
    channel,
    cascadeId: null,
    stageUuid: null,
    startAt: readStartTime(body.startTime, no),
    validitySeconds: readValidity(body.validityPeriodSeconds, no),
    comment: textOrNull(body.comment),
    content: readLegacyContent(body, no),
  };
}

/** Body of `imOutHSM`: the same, and what a template has around its text. */
export function readHsm(body: unknown, context: LegacyContext): OutDraft {
  const draft = readLegacy(body, context);
  const { header, footer, keyboard } = isObject(body) ? body : {};
  const no = (detail: string): Error =>
    refuseLegacy('error-content-format', context.refusalStatus, detail);
  const structure = readStructure(
    { header, footer, keyboard: rowsOf(keyboard, no) },
    no,
    HSM_BUTTONS,
  );
  const content: PhoneContent = { ...draft.content, ...structure };
  return { ...draft, content, mustMatchTemplate: true };
}

/** The legacy keyboard has one `row`, the current one an array of `rows`. */
function rowsOf(keyboard: unknown, no: (detail: string) => Error): JsonObject | undefined {
  if (!isGiven(keyboard)) return undefined;
  if (!isObject(keyboard) || !isObject(keyboard.row)) throw no('keyboard.row is no object');
  return { rows: [keyboard.row] };
}

/** The channel by its name. */
export function readSubject(subject: unknown, channels: readonly Channel[], no: LegacyNo): Channel {
  if (typeof subject !== 'string' || subject === '') {
    throw no('error-subject-format', 'subject is no text');
  }
  const channel = channels.find((one) => one.subject === subject && one.active);
  if (channel === undefined) throw no('error-subject-unknown', `no channel ${subject}`);
  return channel;
}

function readAddress(address: unknown, no: LegacyNo): string {
  if (!isGiven(address)) throw no('error-address-not-specified', 'address is empty');
  if (!isPhone(address)) throw no('error-address-format', 'address is no phone');
  return address;
}

/** `YYYY-MM-DDTHH:mm:ss.SSSZ`, the offset with a colon, without one, or `Z`. */
function readStartTime(value: unknown, no: LegacyNo): number | undefined {
  if (!isGiven(value)) return undefined;
  const isGood =
    typeof value === 'string' &&
    /^\d{4}(-\d\d){2}T(\d\d:){2}\d\d\.\d{3}(Z|[+-]\d\d:?\d\d)$/.test(value);
  const at = isGood ? Date.parse(value.replace(/(\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
  if (Number.isNaN(at)) throw no('error-start-time-format', `startTime ${shown(value)}`);
  return at;
}

function readValidity(value: unknown, no: LegacyNo): number | undefined {
  if (!isGiven(value)) return undefined;
  if (!Number.isInteger(value) || Number(value) <= 0) {
    throw no('error-validity-period-seconds-format', `validityPeriodSeconds ${shown(value)}`);
  }
  return Number(value);
}
