import { digitsOf, shownIn, type ChatMessage, type Participant } from './amojo/chat.ts';
import type { AmojoTwin } from './amojo/amojo-twin.ts';
import { clientAddresses } from './client-addresses.ts';
import {
  byKey,
  missing,
  overtakings,
  surplus,
  unrecognised,
  type WholeArrived,
  type WholeWritten,
  type Written,
} from './comparison.ts';
import { keysOf } from './content-key.ts';
import type { ClientMessage } from './edna/client-message.ts';
import type { EdnaTwin } from './edna/edna-twin.ts';
import type { OutMessage } from './edna/out-message.ts';
import { dig, isObject, textOrNull } from './json.ts';
import type { Ledger } from './ledger.ts';
import type { Parcel } from './outbox.ts';
import { settledOtherwise } from './settled.ts';

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

  const addressFor = clientAddresses(edna);
  const inChats = fromClients.map((row) => inChat(row, addressFor));
  const settled = settledOtherwise(edna.clients.messages, rows, addressFor);
  const inbound = {
    written: writtenByClients(edna.clients.messages, inChats, settled),
    arrived: inChats,
  };
  const shown = chats
    .flatMap(shownIn)
    .filter((row) => row.direction === 'incoming')
    .map((row) => inChat(row, addressFor));
  const outbound = {
    written: captionedOnce(fromManagers).map(({ chat, type, text, media, tick, parcel }) => ({
      address: addressFor(chat.client),
      keys: keysOf(text, amojo.hashOf(media)),
      kind: type,
      stream: chat.id,
      isRefused: tick.state === 'error',
      ...passage(parcel),
    })),
    arrived: onPhones.map((one) => onPhone(one, fromManagers, addressFor)),
  };
  const directions = [inbound, outbound].map(({ written, arrived }) => ({
    written: byKey(written),
    arrived: byKey(arrived),
    rest: unrecognised(written, arrived),
  }));
  const sum = (count: (direction: (typeof directions)[number]) => number): number =>
    directions.reduce((total, direction) => total + count(direction), 0);
  return {
    violations: ledger.violations.length,
    doubled: sum(({ written, arrived, rest }) => surplus(written, arrived) + rest.doubled),
    outOfOrder:
      Math.max(
        overtakings(byKey(inbound.written), byKey(inChats)),
        overtakings(byKey(inbound.written), byKey(shown)),
      ) + overtakings(byKey(outbound.written), byKey(outbound.arrived)),
    statusBackwards: ledger.statusBackwards,
    cancelled: ledger.cancelled,
    ignoredTexts: ledger.ignoredTexts,
    missing: sum(({ written, arrived, rest }) => missing(written, arrived) + rest.missing),
    repeats: ledger.repeats,
    chats: chats.filter((chat) => chat.messages.length > 0).length,
    leads,
    writtenByClients: edna.clients.messages.length,
    seenByManagers: fromClients.length,
    writtenByManagers: fromManagers.length,
    seenByClients: onPhones.length,
  };
}

/**
 * The manager's own words in what a phone shows: where the messenger cannot quote and has no buttons, a bridge may say
 * above and below them what they quote and what can be pressed.
 */
function managersWords(
  shown: string | null,
  address: string,
  managers: readonly ChatMessage[],
  addressFor: (client: Participant) => string,
): string | null {
  if (shown === null) return null;
  const his = managers.filter(({ chat }) => addressFor(chat.client) === address);
  if (his.some(({ text }) => text === shown)) return shown;
  const within = his
    .filter(
      ({ text, replyTo, raw }) => text !== '' && (replyTo ?? raw.markup) && shown.includes(text),
    )
    .toSorted((one, other) => other.text.length - one.text.length);
  return within[0]?.text ?? shown;
}

interface WrittenMessage
  extends WholeWritten, Pick<Written, 'stream' | 'writtenSeq' | 'postedSeq'> {}

/** A key that a bridge need not keep counts only where something arrived by it. */
function writtenByClients(
  messages: readonly ClientMessage[],
  arrived: readonly WholeArrived[],
  settled: ReadonlySet<ClientMessage>,
): WrittenMessage[] {
  const seen = new Set(byKey(arrived).map(({ address, key }) => `${address}\n${key}`));
  return messages.map((message) => {
    const { address, channel, content, text, file, parcel } = message;
    const hasOwnWords = OWN_WORDS.includes(String(content.type)) && !isAnswer(message);
    const loose = hasOwnWords ? [] : looseKeysOf(content, text);
    return {
      address,
      keys: [
        ...keysOf(hasOwnWords ? text : undefined, file?.sha1),
        ...loose.filter((key) => seen.has(`${address}\n${key}`)),
      ],
      kind: String(content.type),
      stream: `${channel.subject}/${address}`,
      isSettled: settled.has(message),
      ...passage(parcel),
    };
  });
}

/** Whether it quotes something, which a bridge may put into the text. */
function isAnswer({ content, body }: ClientMessage): boolean {
  const { replyOutMessageId, replyInMessageId } = body;
  return [content.story, replyOutMessageId, replyInMessageId].some((one) => (one ?? null) !== null);
}

/** By what a message without words of its own is known, where the bridge changes nothing. */
function looseKeysOf(content: ClientMessage['content'], text: string | undefined): string[] {
  const { location, contact, items } = content;
  if (isObject(location)) return placeKeys(location.latitude, location.longitude);
  if (isObject(contact)) {
    const [first] = Array.isArray(contact.phones) ? (contact.phones as unknown[]) : [];
    return contactKeys(textOrNull(contact.phone) ?? textOrNull(dig(first, 'phone')));
  }
  const titles = Array.isArray(items) ? items.map((item: unknown) => dig(item, 'title')) : [];
  return keysOf(titles.length === 1 ? textOrNull(titles[0]) : text, undefined);
}

function inChat(row: ChatMessage, addressFor: (client: Participant) => string): WholeArrived {
  const { chat, type, text, media, file, location, contact } = row;
  return {
    address: addressFor(chat.client),
    keys: [
      ...keysOf(text, file?.sha1),
      ...placeKeys(location?.lat, location?.lon),
      ...contactKeys(contact?.phone),
    ],
    looks: JSON.stringify([type, text, media, location, contact]),
  };
}

function onPhone(
  { address, content, file }: OutMessage,
  managers: readonly ChatMessage[],
  addressFor: (client: Participant) => string,
): WholeArrived {
  const { type, text, attachment, location, header, keyboard } = content;
  return {
    address,
    keys: keysOf(managersWords(text, address, managers, addressFor), file?.sha1),
    looks: JSON.stringify([type, text, attachment?.url, location, header, keyboard]),
  };
}

function placeKeys(latitude: unknown, longitude: unknown): string[] {
  const isPlace = typeof latitude === 'number' && typeof longitude === 'number';
  return isPlace ? [`place ${latitude} ${longitude}`] : [];
}

function contactKeys(phone: string | null | undefined): string[] {
  return phone ? [`contact ${digitsOf(phone)}`] : [];
}

/** A caption that every file of a group repeats is to reach the client once, with the first of them. */
function captionedOnce(
  rows: readonly ChatMessage[],
): Pick<ChatMessage, 'chat' | 'type' | 'text' | 'media' | 'tick' | 'parcel'>[] {
  const said = new Set<string>();
  return rows.map(({ chat, type, text, media, tick, parcel, raw }) => {
    const group = raw.media_group_id;
    const caption = JSON.stringify([chat.id, group, text]);
    const isRepeated = group !== undefined && said.has(caption);
    said.add(caption);
    return { chat, type, text: isRepeated ? '' : text, media, tick, parcel };
  });
}

function passage(
  parcel: Parcel | undefined,
): Pick<Written, 'writtenSeq' | 'postedSeq' | 'takenSeq'> {
  return {
    writtenSeq: parcel?.seq,
    postedSeq: parcel?.postedSeq,
    takenSeq: parcel?.takenSeq,
  };
}
