import type { SeenRequest } from '../twin-server.ts';
import type { Channel } from './catalogue.ts';
import { refuse, refuseLegacy } from './refusals.ts';

/** What a key may be restricted to; the names follow the cabinet's. */
export type MethodGroup =
  | 'messaging'
  | 'read-receipts'
  | 'history'
  | 'templates'
  | 'webhooks'
  | 'channels'
  | 'cascades'
  | 'scenarios';

/**
 * An additional key: opens the groups and channels it names, all where it names none.
 * The cabinet links a channel to one additional key at most; the twin takes what it is given.
 */
export interface EdnaKey {
  readonly key: string;
  readonly groups?: readonly MethodGroup[];
  readonly subjects?: readonly string[];
  /** ISO 8601; from then on the key is answered 401. The master key never expires. */
  readonly expiresAt?: string;
}

export interface KeyRing {
  readonly apiKey: string;
  readonly additionalKeys: readonly EdnaKey[];
}

/** @throws {Refusal} 401 without a valid key, 403 where the key does not open this method */
export function openMethod(request: SeenRequest, group: MethodGroup, ring: KeyRing): EdnaKey {
  const given = request.headers['x-api-key'];
  const key: EdnaKey | undefined =
    given === ring.apiKey
      ? { key: ring.apiKey }
      : ring.additionalKeys.find((one) => one.key === given);
  if (key === undefined) throw no(request, 401, 'X-API-KEY is missing or wrong');
  if (key.expiresAt !== undefined && request.at >= Date.parse(key.expiresAt)) {
    throw no(request, 401, `the key expired ${key.expiresAt}`);
  }
  if (key.groups !== undefined && !key.groups.includes(group)) {
    throw no(request, 403, `the key does not open ${group}`);
  }
  return key;
}

/** @throws {Refusal} 403 where the key does not open the channel */
export function openChannel(key: EdnaKey, channel: Channel, request: SeenRequest): void {
  if (!opens(key, channel)) {
    throw no(request, 403, `the key does not open channel ${channel.subject}`);
  }
}

/** @throws {Refusal} 403 where the key opens some channels only: what is the account's is not its */
export function openAccount(key: EdnaKey, request: SeenRequest): void {
  if (key.subjects !== undefined) {
    throw no(request, 403, `the key opens ${key.subjects.join(', ')}, not the whole account`);
  }
}

export function opens(key: EdnaKey, { subject }: Channel): boolean {
  return key.subjects === undefined || key.subjects.includes(subject);
}

/** The legacy API refuses in its own shape. */
function no({ path }: SeenRequest, status: 401 | 403, detail: string): Error {
  if (path.startsWith('/api/old/')) return refuseLegacy('error-unauthorized', status, detail);
  return refuse(status === 401 ? 'unauthorized' : 'access-denied', detail, status);
}
