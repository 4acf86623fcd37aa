import { dig, isObject, textOrNull } from '../json.ts';
import { channelOfImType, type Channel } from './catalogue.ts';
import { NOTHING, type OutDraft, type PhoneContent } from './out-message.ts';
import { refuse } from './refusals.ts';
import { checkAddress } from './schedule.ts';

/** Body of the simple dialect: `subject` is the client's phone, not the channel. */
export function readSimple(body: unknown, channels: readonly Channel[]): OutDraft {
  if (!isObject(body)) throw refuse('request-not-valid', 'the body is no JSON object');
  const id = textOrNull(body.id);
  if (id === null || id === '') throw refuse('request-not-valid', 'id is no text');
  const channel = channelOfImType(body.imType, channels);
  if (channel === undefined) throw refuse('request-not-valid', 'imType is unknown');
  const address = checkAddress(body.subject, 'PHONE');
  const url = textOrNull(dig(body, 'attachment', 'url'));
  const text = textOrNull(body.text);
  if (url === null && (text === null || text === '')) {
    throw refuse('text-not-specified', 'neither text nor attachment');
  }
  const content: PhoneContent =
    url === null
      ? { ...NOTHING, type: 'TEXT', text }
      : {
          ...NOTHING,
          type: 'DOCUMENT',
          attachment: { url, name: textOrNull(dig(body, 'attachment', 'name')) },
        };
  return {
    dialect: 'simple',
    requestId: id,
    address,
    channel,
    cascadeId: null,
    stageUuid: null,
    comment: null,
    content,
  };
}
