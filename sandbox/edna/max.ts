import { dig, isObject, shown, textOrNull } from '../json.ts';
import type { Channel } from './catalogue.ts';
import { readMaxContent } from './max-content.ts';
import type { OutDraft } from './out-message.ts';
import { isPhone } from './phone.ts';
import { refuseMax } from './refusals.ts';

/** A body of one of the two `v1/out-messages` routes; a channel of the other kind is refused. */
export function readMax(
  body: unknown,
  dialect: 'max-bot' | 'max',
  channels: readonly Channel[],
): OutDraft {
  if (!isObject(body)) throw refuseMax('request.not_valid', 'the body is no JSON object');
  const sender = dialect === 'max-bot' ? body.sender : body.from;
  const type = dialect === 'max-bot' ? 'MAX_BOT' : 'MAX';
  const channel = channels.find((one) => one.subject === sender && one.type === type && one.active);
  if (channel === undefined) {
    throw refuseMax('default.subject.not_found', `no ${type} channel ${shown(sender)}`);
  }
  return {
    dialect,
    requestId: null,
    address: dialect === 'max-bot' ? readMaxId(body.maxId) : readRecipient(body.to),
    channel,
    cascadeId: null,
    stageUuid: null,
    comment: null,
    content: readMaxContent(body.content),
  };
}

function readMaxId(value: unknown): string {
  const id = textOrNull(value);
  if (id === null || id === '') throw refuseMax('address.not_valid', 'no recipient');
  return id;
}

/** `{ value, type }`: a MAX id, or a phone in digits. */
function readRecipient(to: unknown): string {
  const type = dig(to, 'type');
  if (type !== 'MAX_ID' && type !== 'PHONE') {
    throw refuseMax('address.not_valid', 'to.type is neither MAX_ID nor PHONE');
  }
  const value = readMaxId(dig(to, 'value'));
  if (type === 'PHONE' && !isPhone(value)) {
    throw refuseMax('address.not_valid', 'to.value is no phone');
  }
  return value;
}
