import type { JsonObject } from '../json.ts';
import { MESSAGE_TYPES, type ChatMessage, type MessageType, type Post } from './chat.ts';
import type { Fields } from './fields.ts';
import type { AmojoSettings } from './settings.ts';

const NEEDS_FILE_NAME: readonly MessageType[] = ['file', 'video', 'picture'];
const NEEDS_MEDIA: readonly MessageType[] = [...NEEDS_FILE_NAME, 'voice', 'audio', 'sticker'];

export type Content = Pick<
  ChatMessage,
  | 'type'
  | 'text'
  | 'media'
  | 'fileName'
  | 'fileSize'
  | 'location'
  | 'contact'
  | 'callbackData'
  | 'post'
  | 'raw'
>;

/** What a switch decides about the reading. */
export type ReadingRules = Pick<AmojoSettings, 'mediaNeedsName' | 'errorWithoutCode'>;

/**
 * `message` of a body, checked.
 * @param rules `edit`: it may leave the file as it is
 * @throws {Refusal} 400
 */
export function readContent(message: Fields, body: unknown, rules: ReadingRules | 'edit'): Content {
  const type = message.text('type') as MessageType;
  if (!MESSAGE_TYPES.includes(type)) throw message.no('type', 'is unknown');
  const isMedia = NEEDS_MEDIA.includes(type) && rules !== 'edit';
  const isNamed = NEEDS_FILE_NAME.includes(type) && rules !== 'edit' && rules.mediaNeedsName;
  const isReplaced = NEEDS_MEDIA.includes(type) && message.optionalText('media');
  const media = isMedia || isReplaced ? message.address('media') : message.optionalText('media');
  const fileName = isNamed ? message.text('file_name') : message.optionalText('file_name');
  const fileSize = isNamed ? message.integer('file_size') : message.optionalInteger('file_size');
  message.optionalInteger('media_duration');
  message.optionalText('sticker_id');
  checkSharedPost(message.optionalObject('shared_post'));
  const text = type === 'text' ? message.text('text') : message.optionalText('text');
  const location = type === 'location' ? message.object('location') : undefined;
  const contact = type === 'contact' ? message.object('contact') : undefined;
  return {
    type,
    text: text ?? '',
    media: media ?? '',
    fileName: fileName ?? '',
    fileSize: fileSize ?? 0,
    location: location && { lon: location.number('lon'), lat: location.number('lat') },
    contact: contact && { name: contact.text('name'), phone: contact.text('phone') },
    callbackData: message.optionalText('callback_data'),
    post: readPost(message.optionalObject('post')),
    raw: (body as { payload: { message: JsonObject } }).payload.message,
  };
}

function checkSharedPost(post: Fields | undefined): void {
  for (const key of ['url', 'preview_link', 'preview_permalink', 'site_name']) {
    post?.optionalText(key);
  }
  const type = post?.optionalText('type');
  if (post !== undefined && type !== undefined && type !== 'post') {
    throw post.no('type', 'must be post');
  }
}

/** The post a comment stands under. */
function readPost(post: Fields | undefined): Post | undefined {
  for (const key of ['preview_url', 'preview_permalink', 'username']) post?.optionalText(key);
  return (
    post && { id: post.text('id'), url: post.address('url'), caption: post.optionalText('caption') }
  );
}
