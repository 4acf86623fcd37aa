import type { SeenRequest } from '../twin-server.ts';
import type { Channel } from './catalogue.ts';
import { refuse, refuseLegacy } from './refusals.ts';

/** What a key may be restricted to; the names follow the cabinet's. */
export type MethodGroup = 'messaging' | 'history' | 'channels' | 'cascades';

/** An additional key: opens the groups and channels it names, all where it names none. */
export interface EdnaKey {
  readonly key: string;
  readonly groups?: readonly MethodGroup[];
  readonly subjects?: readonly string[];
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
  if (key === undefined) {
    if (request.path.startsWith('/api/old/')) {
      throw refuseLegacy('error-unauthorized', 401, 'X-API-KEY is missing or wrong');
    }
    throw refuse('unauthorized', 'X-API-KEY is missing or wrong', 401);
  }
  if (key.groups !== undefined && !key.groups.includes(group)) {
    throw refuse('access-denied', `the key does not open ${group}`, 403);
  }
  return key;
}

/** @throws {Refusal} 403 where the key does not open the channel */
export function openChannel(key: EdnaKey, channel: Channel): void {
  if (key.subjects !== undefined && !key.subjects.includes(channel.subject)) {
    throw refuse('access-denied', `the key does not open channel ${channel.subject}`, 403);
  }
}
