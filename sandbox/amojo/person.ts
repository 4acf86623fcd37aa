import type { Fields } from './fields.ts';

const SOURCE_ID_CHARS = 40;

/** Somebody as a body names them. */
export interface Person {
  readonly id?: string;
  readonly refId?: string;
  readonly name: string;
  readonly phone?: string;
  readonly email?: string;
  readonly avatar?: string;
}

/** @throws {Refusal} 400 where `source.external_id` is none */
export function readSource(fields: Fields): string | undefined {
  const source = fields.optionalObject('source');
  const id = source?.text('external_id');
  if (source !== undefined && id !== undefined && !/^[\x20-\x7e]+$/.test(id)) {
    throw source.no('external_id', 'must be printable ASCII');
  }
  if (source !== undefined && id !== undefined && id.length > SOURCE_ID_CHARS) {
    throw source.no('external_id', `must have at most ${SOURCE_ID_CHARS} characters`);
  }
  return id;
}

/** A sender, receiver or `user`: known by an id of the integration's, of amojo's, or by both. */
export function readPerson(fields: Fields): Person {
  const id = fields.optionalText('id');
  const refId = fields.optionalText('ref_id');
  if (!id && !refId) throw fields.no('id', 'is required');
  const name = refId ? (fields.optionalText('name') ?? '') : fields.text('name');
  const avatar = fields.optionalText('avatar');
  fields.optionalText('profile_link');
  const profile = fields.optionalObject('profile');
  return {
    id: id || undefined,
    refId: refId || undefined,
    name,
    avatar: avatar || undefined,
    phone: profile?.optionalText('phone') || undefined,
    email: profile?.optionalText('email') || undefined,
  };
}
