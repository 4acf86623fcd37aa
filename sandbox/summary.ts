import { addressOf, shownIn, type ChatMessage } from './amojo/chat.ts';
import type { AmojoTwin } from './amojo/amojo-twin.ts';
import { missing, overtakings, surplus, type Arrived, type Written } from './comparison.ts';
import type { EdnaTwin } from './edna/edna-twin.ts';
import type { Ledger } from './ledger.ts';
import type { Parcel } from './outbox.ts';

/** The ledger in numbers. A bridge that keeps its promises has zeros down to `missing`. */
export interface LedgerSummary {
  /** 4xx a twin gave of its own accord, and breaches it let pass; faults do not count. */
  readonly violations: number;
  /** Messages seen more often than they were written. */
  readonly doubled: number;
  /** Messages that overtook one the bridge had answered 200 before they were posted. */
  readonly outOfOrder: number;
  /** Statuses reported below the one already reported. */
  readonly statusBackwards: number;
  /** Sends cancelled by edna as equal to one of the last 20 minutes. */
  readonly cancelled: number;
  /** Texts thrown away by edna for the file beside them. */
  readonly ignoredTexts: number;
  /** Messages the bridge answered 200 that the other side has not seen (yet), with no error shown. */
  readonly missing: number;
  /** Requests repeated unchanged with an id already taken: harmless. */
  readonly repeats: number;
  /** Chats the manager sees, and incoming leads. */
  readonly chats: number;
  readonly leads: number;
  readonly writtenByClients: number;
  readonly seenByManagers: number;
  readonly writtenByManagers: number;
  readonly seenByClients: number;
}

/** Kinds whose text is the client's own words; of the others a bridge may make what it can. */
const OWN_WORDS = ['TEXT', 'BUTTON', 'IMAGE', 'VIDEO', 'DOCUMENT', 'AUDIO', 'VOICE'];

export function summarise(ledger: Ledger, edna: EdnaTwin, amojo: AmojoTwin): LedgerSummary {
  const { chats, leads } = amojo.book;
  const rows = chats.flatMap((chat) => chat.messages);
  const fromClients = rows.filter((row) => row.direction === 'incoming');
  const fromManagers = rows.filter(
    (row) => row.direction === 'outgoing' && (row.parcel || row.hookWaits),
  );
  const onPhones = edna.messages
    .filter((message) => message.shownSeq !== undefined)
    .toSorted((one, other) => (one.shownSeq ?? 0) - (other.shownSeq ?? 0));

  const inbound = {
    written: edna.clients.messages.flatMap(({ address, channel, content, text, file, parcel }) => {
      const stream = `${channel.subject}/${address}`;
      const ownWords = OWN_WORDS.includes(String(content.type)) ? text : undefined;
      return keysOf(ownWords, file?.sha1).map((key) => ({
        address,
        key,
        stream,
        ...passage(parcel),
      }));
    }),
    arrived: arrivedRows(fromClients),
    shown: arrivedRows(chats.flatMap(shownIn).filter((row) => row.direction === 'incoming')),
  };
  const outbound = {
    written: fromManagers.flatMap(({ chat, text, media, tick, parcel }) => {
      const address = addressOf(chat.client);
      const isRefused = tick.state === 'error';
      return keysOf(text, amojo.hashOf(media)).map((key) => ({
        address,
        key,
        stream: chat.id,
        isRefused,
        ...passage(parcel),
      }));
    }),
    shown: onPhones.flatMap(({ address, content, file }): Arrived[] =>
      keysOf(content.text, file?.sha1).map((key) => ({ address, key })),
    ),
  };
  return {
    violations: ledger.violations.length,
    doubled: surplus(inbound.written, inbound.arrived) + surplus(outbound.written, outbound.shown),
    outOfOrder:
      Math.max(
        overtakings(inbound.written, inbound.arrived),
        overtakings(inbound.written, inbound.shown),
      ) + overtakings(outbound.written, outbound.shown),
    statusBackwards: ledger.statusBackwards,
    cancelled: ledger.cancelled,
    ignoredTexts: ledger.ignoredTexts,
    missing: missing(inbound.written, inbound.arrived) + missing(outbound.written, outbound.shown),
    repeats: ledger.repeats,
    chats: chats.filter((chat) => chat.messages.length > 0).length,
    leads,
    writtenByClients: edna.clients.messages.length,
    seenByManagers: fromClients.length,
    writtenByManagers: fromManagers.length,
    seenByClients: onPhones.length,
  };
}

function arrivedRows(rows: readonly ChatMessage[]): Arrived[] {
  return rows.flatMap(({ chat, text, file }) =>
    keysOf(text, file?.sha1).map((key) => ({ address: addressOf(chat.client), key })),
  );
}

function passage(parcel: Parcel | undefined): Pick<Written, 'postedSeq' | 'takenSeq'> {
  return { postedSeq: parcel?.postedSeq, takenSeq: parcel?.takenSeq };
}

/** A message's text and file are told apart, since a bridge may send them one after the other. */
function keysOf(text: string | null | undefined, sha1: string | undefined): string[] {
  const keys = text ? [`text ${text}`] : [];
  if (sha1 !== undefined) keys.unshift(`file ${sha1}`);
  return keys;
}
