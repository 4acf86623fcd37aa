import { DeliveryError } from '../../domain/errors.js';
import type { Dispatch, Found } from '../../domain/ports.js';
import type { Answer } from '../http-answer.js';
import { dig, idOf, numberIn, parseJson, textOf } from '../json.js';
import type { Carried } from './edna.carried.js';

/** Where the dialects put the id of what they took: cascades, MAX, legacy and simple, in this order. */
const ID_FIELDS = ['requestId', 'outMessageId', 'id', 'messageId', 'message_id'] as const;

/** edna's own id of a message, if the answer to the send holds one: most echo ours. */
export function readMessengerId(body: unknown, requestId: string): string | undefined {
  return ID_FIELDS.map((field) => idOf(dig(body, field))).find((id) => id && id !== requestId);
}

/**
 * A page of `messages/history`, and whether another one follows.
 * @throws {DeliveryError} where it cannot be read: that is not the same as an empty one
 */
export function readHistory(answer: Answer): { items: readonly unknown[]; hasNext: boolean } {
  const body = parseJson(answer.body);
  if (body === undefined) throw new DeliveryError('unknown', 'edna answered no history');
  const items = Array.isArray(body) ? body : dig(body, 'content');
  return {
    items: Array.isArray(items) ? items : [],
    hasNext: dig(body, 'hasNext') === true,
  };
}

/**
 * The outgoing items to the address of a dispatch with its content. edna may have moved a file to an address of its
 * own, so where no item has the file's address, its name is enough.
 */
export function toFound(
  items: readonly unknown[],
  { address }: Dispatch,
  carried: Carried,
): readonly Found[] {
  const alike = items.flatMap((item) => {
    const messengerId = idOf(dig(item, 'messageId'));
    const likeness = isTo(item, address) ? likenessOf(contentOf(item), carried) : undefined;
    if (!messengerId || !likeness) return [];
    return { likeness, found: { messengerId, comment: textOf(dig(item, 'comment')) } };
  });
  const same = alike.filter(({ likeness }) => likeness === 'same');
  return (same.length > 0 ? same : alike).map(({ found }) => found);
}

function isTo(item: unknown, address: string): boolean {
  const to = idOf(dig(item, 'address')) ?? address;
  return (textOf(dig(item, 'direction')) ?? 'OUT') === 'OUT' && to.replace(/^\+/, '') === address;
}

function contentOf(item: unknown): unknown {
  const content = dig(item, 'content');
  return typeof content === 'string' ? parseJson(content) : content;
}

function likenessOf(content: unknown, carried: Carried): 'same' | 'same-name' | undefined {
  if ('text' in carried) {
    const type = textOf(dig(content, 'type')) ?? textOf(dig(content, 'contentType'));
    const isText = type?.toUpperCase() === carried.type;
    return isText && dig(content, 'text') === carried.text ? 'same' : undefined;
  }
  if ('attachment' in carried) {
    const attachment = dig(content, 'attachment') ?? content;
    if (dig(attachment, 'url') === carried.attachment.url) return 'same';
    return dig(attachment, 'name') === carried.name ? 'same-name' : undefined;
  }
  const location = dig(content, 'location') ?? content;
  const isThere =
    numberIn(dig(location, 'latitude')) === carried.latitude &&
    numberIn(dig(location, 'longitude')) === carried.longitude;
  return isThere ? 'same' : undefined;
}
