import { accountOfScope } from './amojo/settings.ts';
import { clientAddresses } from './client-addresses.ts';
import { keysOf } from './content-key.ts';
import type { Chat } from './amojo/chat.ts';
import type { Sandbox, Webhooks } from './sandbox.ts';

/** One number of a company: the channel clients write to, and where its managers see that. */
export interface CompanyNumber {
  /** The channel's number at edna; of one that was replaced, the numbers it had before as well. */
  readonly subjectIds: readonly number[];
  /** The source of its chats; none where the account has but one number. */
  readonly source?: string;
  /** `amojo_id` of the account; the main one when left out. */
  readonly accountId?: string;
}

export interface Company {
  readonly name: string;
  /** Its own edna account and amoCRM channel. */
  readonly sandbox: Sandbox;
  readonly numbers: readonly CompanyNumber[];
}

/** A message that stands somewhere although it was written elsewhere. */
export interface Misplaced {
  readonly direction: 'inbound' | 'outbound';
  readonly key: string;
  /** Company, number and client. */
  readonly stands: string;
  readonly written: readonly string[];
}

interface Item {
  readonly keys: readonly string[];
  readonly place: string;
}

/**
 * Companies side by side, each in a sandbox of its own, all at one bridge. Each sandbox's ledger judges what its
 * company wrote and saw; what came to the wrong company, number or client is known here, where all are seen.
 */
export class Companies {
  readonly all: readonly Company[];

  constructor(...all: readonly Company[]) {
    this.all = all;
  }

  /** Posts of all of them go to one bridge. */
  pointAt(bridge: string | Webhooks): void {
    for (const { sandbox } of this.all) sandbox.pointAt(bridge);
  }

  /** @returns what stands in a chat or on a phone where nobody wrote it, though somebody did elsewhere */
  misplaced(): Misplaced[] {
    return [
      ...strays('inbound', this.#items(writtenByClients), this.#items(seenByManagers)),
      ...strays('outbound', this.#items(writtenByManagers), this.#items(seenByClients)),
    ];
  }

  #items(of: (company: Company) => Item[]): Item[] {
    return this.all.flatMap(of);
  }
}

function strays(
  direction: Misplaced['direction'],
  written: readonly Item[],
  stand: readonly Item[],
): Misplaced[] {
  return stand.flatMap(({ keys, place }) =>
    keys.flatMap((key) => {
      const places = written.filter((one) => one.keys.includes(key)).map((one) => one.place);
      // What nobody wrote are the bridge's own words.
      if (places.length === 0 || places.includes(place)) return [];
      return [{ direction, key, stands: place, written: [...new Set(places)] }];
    }),
  );
}

function writtenByClients(company: Company): Item[] {
  return company.sandbox.edna.clients.messages.map(({ text, file, channel, address }) => ({
    keys: keysOf(text, file?.sha1),
    place: placeOf(company, numberOfChannel(company, channel.subjectId), address),
  }));
}

function seenByClients(company: Company): Item[] {
  return company.sandbox.edna.messages
    .filter(({ shownSeq }) => shownSeq !== undefined)
    .map(({ content, file, channel, address }) => ({
      keys: keysOf(content.text, file?.sha1),
      place: placeOf(company, numberOfChannel(company, channel.subjectId), address),
    }));
}

function seenByManagers(company: Company): Item[] {
  return rowsOf(company, 'incoming');
}

function writtenByManagers(company: Company): Item[] {
  return rowsOf(company, 'outgoing');
}

function rowsOf(company: Company, direction: 'incoming' | 'outgoing'): Item[] {
  const { amojo, edna } = company.sandbox;
  const addressFor = clientAddresses(edna);
  return amojo.book.chats.flatMap((chat) =>
    chat.messages
      .filter((row) => row.direction === direction)
      .map(({ text, media, file }) => ({
        keys: keysOf(text, file?.sha1 ?? amojo.hashOf(media)),
        place: placeOf(company, numberOfChat(company, chat), addressFor(chat.client)),
      })),
  );
}

function placeOf({ name }: Company, number: number, address: string): string {
  return `${name}, number ${number}, client ${address}`;
}

/** @returns its place in the company's list, from 1; 0 where it is none of them */
function numberOfChannel({ numbers }: Company, subjectId: number): number {
  return numbers.findIndex(({ subjectIds }) => subjectIds.includes(subjectId)) + 1;
}

/** By the account and the source that the chat has; of one without a source, the account's default. */
function numberOfChat({ numbers, sandbox }: Company, chat: Chat): number {
  const { settings } = sandbox.amojo;
  const main = settings.accountId;
  const accountId = accountOfScope(settings, chat.scopeId)?.accountId;
  const source = sandbox.amojo.crmOf(chat).sourceIdOf(chat);
  return (
    numbers.findIndex(
      (number) => (number.accountId ?? main) === accountId && number.source === source,
    ) + 1
  );
}
