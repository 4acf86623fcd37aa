import { dig, isObject, textOrNull } from '../json.ts';
import type { Channel } from './catalogue.ts';
import type { OutDraft, PhoneContent } from './out-message.ts';
import { refuseMax } from './refusals.ts';

const TEXT_CHARS = 4000;
const NOTHING = { text: null, attachment: null, location: null };

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
    throw refuseMax('default.subject.not_found', `no ${type} channel ${String(sender)}`);
  }
  const address = textOrNull(dialect === 'max-bot' ? body.maxId : dig(body, 'to', 'value'));
  if (address === null || address === '') throw refuseMax('address.not_valid', 'no recipient');
  if (dialect === 'max' && !['MAX_ID', 'PHONE'].includes(String(dig(body, 'to', 'type')))) {
    throw refuseMax('address.not_valid', 'to.type is neither MAX_ID nor PHONE');
  }
  return {
    dialect,
    requestId: null,
    address,
    channel,
    cascadeId: null,
    stageUuid: null,
    comment: null,
    content: readContent(body.content),
  };
}

function readContent(content: unknown): PhoneContent {
  const type = dig(content, 'type');
  const text = textOrNull(dig(content, 'text'));
  if (text !== null && text.length > TEXT_CHARS) {
    throw refuseMax('content.text.too_long', `${text.length} characters, ${TEXT_CHARS} at most`);
  }
  switch (type) {
    case 'TEXT':
    case 'BUTTON':
    case 'KEYBOARD':
      if (text === null || text === '') throw refuseMax('content.text.empty', 'text is empty');
      return { ...NOTHING, type, text };
    case 'LOCATION': {
      const latitude = dig(content, 'latitude');
      const longitude = dig(content, 'longitude');
      if (typeof latitude !== 'number' || typeof longitude !== 'number') {
        throw refuseMax('content.location.not_valid', 'latitude and longitude are numbers');
      }
      return { ...NOTHING, type, text, location: { latitude, longitude, address: null } };
    }
    case 'IMAGE':
    case 'VIDEO':
    case 'AUDIO':
    case 'VOICE':
    case 'DOCUMENT': {
      const url = textOrNull(dig(content, 'url'));
      if (url === null || !URL.canParse(url)) throw refuseMax('content.url.not_valid', 'url');
      const caption = textOrNull(dig(content, 'caption')) ?? text;
      const attachment = { url, name: textOrNull(dig(content, 'name')) };
      return { ...NOTHING, type, text: caption, attachment };
    }
    default:
      throw refuseMax('content.type.not_valid', `type ${String(type)} is unknown`);
  }
}
