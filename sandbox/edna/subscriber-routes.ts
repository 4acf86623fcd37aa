import { dig, isObject, textOrNull } from '../json.ts';
import { openMethod } from './keys.ts';
import { refuse } from './refusals.ts';
import { ADDRESS_TYPES } from './schedule.ts';
import type { Subscriber, SubscriberBook } from './subscribers.ts';
import type { Workings } from './workings.ts';

/** Clients by their addresses. No group of methods is named for them; the twin asks for messaging. */
export function addSubscriberRoutes({ server, settings, subscribers }: Workings): void {
  server.route('get', '/api/subscribers/get-by-address', 'subscribers', (request) => {
    openMethod(request, 'messaging', settings);
    const { subscriber } = readSubscriber(request.body, subscribers);
    return { status: 200, body: subscriberBody(subscriber) };
  });

  server.route('patch', '/api/subscribers/update', 'subscribers', (request) => {
    openMethod(request, 'messaging', settings);
    const subscriber = subscribers.byId(dig(request.body, 'id'));
    if (subscriber === undefined) throw refuse('subscriber-not-found', 'no such id', 404);
    const addresses = dig(request.body, 'addresses');
    if (!Array.isArray(addresses)) throw no('addresses is no array');
    const read = addresses.map(readAddress);
    for (const { address, type } of read) subscribers.add(subscriber, address, type);
    return { status: 200, body: subscriberBody(subscriber) };
  });

  server.route('post', '/api/subscribers/delete-by-address', 'subscribers', (request) => {
    openMethod(request, 'messaging', settings);
    const { address } = readSubscriber(request.body, subscribers);
    subscribers.remove(address);
    return { status: 200 };
  });
}

function readSubscriber(
  body: unknown,
  subscribers: SubscriberBook,
): { address: string; subscriber: Subscriber } {
  const { address, type } = readAddress(body);
  const subscriber = subscribers.find(address, type);
  if (subscriber === undefined) throw refuse('subscriber-not-found', `no ${type} ${address}`, 404);
  return { address, subscriber };
}

function readAddress(value: unknown): { address: string; type: string } {
  const address = textOrNull(dig(value, 'address')) ?? '';
  const type = textOrNull(dig(value, 'type')) ?? '';
  if (!isObject(value) || address === '') throw no('address is empty');
  if (!ADDRESS_TYPES.includes(type)) throw no('type is unknown');
  return { address, type };
}

function no(violation: string): Error {
  return refuse('subscriber-request-not-valid', violation);
}

function subscriberBody({ id, blacklisted, addresses }: Subscriber) {
  return { id, blacklisted, addresses, parameterValues: [], tagValues: [] };
}
