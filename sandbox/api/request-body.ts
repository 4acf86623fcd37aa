import { MESSAGE_TYPES } from '../amojo/chat.ts';
import type { ManagerContent } from '../amojo/manager-content.ts';
import type { ClientContent, IncomingForm } from '../edna/client-message.ts';
import { isGiven, isObject, textOrNull, type JsonObject } from '../json.ts';
import { isWebAddress } from '../web-address.ts';

/** The caller's mistake: answered 400. */
export class BadRequest extends Error {}
/** What the address or an id names is not there: answered 404. */
export class NotFound extends Error {}

/** @throws {BadRequest} where the body is anything but a JSON object */
export function object(body: unknown): JsonObject {
  if (!isObject(body)) throw new BadRequest('a JSON object is needed, with its Content-Type');
  return body;
}

/** A file in a JSON body: `{"name", "data"}`, `data` in base64. */
export function fileOf(value: unknown): { name: string; bytes: Buffer } | undefined {
  if (!isGiven(value)) return undefined;
  const { name, data } = object(value);
  if (typeof name !== 'string' || name === '') throw new BadRequest('file.name is a text');
  if (!name.isWellFormed()) throw new BadRequest('file.name has half a character');
  if (typeof data !== 'string') throw new BadRequest('file.data is base64');
  return { name, bytes: Buffer.from(data, 'base64') };
}

/** Where webhooks are posted; undefined where it is not given. */
export function webhookAddress(value: unknown, field: string): string | undefined {
  if (!isGiven(value)) return undefined;
  if (typeof value !== 'string' || !isWebAddress(value)) {
    throw new BadRequest(`${field} is no http:// or https:// address`);
  }
  return value;
}

/** `{"text"}`, or edna's `messageContent` with its `type`. */
export function clientContent({ file: _file, ...content }: JsonObject): ClientContent {
  const { type, text } = content;
  if (typeof type === 'string') return { ...content, type };
  if (typeof text === 'string' && text !== '') return text;
  throw new BadRequest('text or type is missing');
}

/** `{"text"}`, or one of amoCRM's kinds with what belongs to it. */
export function managerContent(body: JsonObject): ManagerContent {
  const { phone: _phone, name: _name, file, replyTo: _replyTo, type = 'text', ...content } = body;
  if (!MESSAGE_TYPES.some((one) => one === type)) throw new BadRequest('type is unknown');
  if (type === 'contact' || type === 'location') {
    throw new BadRequest(`a manager cannot send a ${type}`);
  }
  if (type === 'text' && (textOrNull(content.text) ?? '') === '') {
    throw new BadRequest('text is missing');
  }
  const own = fileOf(file);
  const attached = own && { fileName: own.name, bytes: own.bytes };
  return { ...content, ...attached, type } as ManagerContent;
}

const FORMS: readonly IncomingForm[] = ['current', 'legacy', 'simple'];

export function incomingForm(value: unknown): IncomingForm {
  const form = FORMS.find((one) => one === (textOrNull(value) ?? 'current'));
  if (form === undefined) throw new BadRequest(`form is one of ${FORMS.join(', ')}`);
  return form;
}
