import { addressOf, digitsOf, standsIn, type Participant } from './amojo/chat.ts';
import type { EdnaTwin } from './edna/edna-twin.ts';

type Named = Pick<Participant, 'clientId' | 'phone'>;

/**
 * Which of edna's clients a participant of a chat is. The ids are of the bridge's own making, so the
 * phone comes first, then whatever address edna knows that stands in the id; what edna has never
 * heard of goes by `addressOf`.
 */
export function clientAddresses(edna: EdnaTwin): (client: Named) => string {
  const known = new Set([...edna.clients.messages, ...edna.messages].map(({ address }) => address));
  const byDigits = new Map([...known].map((address) => [digitsOf(address), address]));
  const found = new Map<Named, string>();
  const find = (client: Named): string => {
    const { clientId = '', phone } = client;
    const digits = digitsOf(phone ?? '');
    const byPhone = byDigits.get(digits) ?? byDigits.get(withCode(digits));
    if (byPhone) return byPhone;
    const usual = addressOf({ clientId });
    if (known.has(usual)) return usual;
    const inside = [...known].filter((address) => standsIn(clientId, address));
    const longest = inside.toSorted((one, other) => other.length - one.length)[0];
    return longest ?? addressOf(client);
  };
  return (client) => {
    const address = found.get(client) ?? find(client);
    found.set(client, address);
    return address;
  };
}

/** A number as it stands in a card: managers write 8, or nothing, before the ten digits of a Russian one. */
function withCode(digits: string): string {
  return digits.replace(/^8(?=\d{10}$)|^(?=9\d{9}$)/, '7');
}
