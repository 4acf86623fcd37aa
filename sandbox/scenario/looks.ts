import { shownIn, type ChatMessage } from '../amojo/chat.ts';
import type { OutMessage } from '../edna/out-message.ts';
import type { Fault } from '../faults.ts';
import type { Sandbox } from '../sandbox.ts';
import type { LedgerSummary } from '../summary.ts';
import { LEDGER_COUNTS } from './ledger-counts.ts';
import type { Expectation, Row } from './scenario.ts';

/** What an expectation is held against. */
export interface Scene {
  readonly sandbox: Sandbox;
  readonly addressOf: (name: string) => string;
  readonly fault: (name: string) => Fault;
}

/** A message in the words of a scenario. */
interface Seen {
  readonly from: 'client' | 'manager';
  readonly type: string;
  readonly text: string;
  readonly mark: string;
  readonly code?: number;
  readonly reason?: string;
  readonly file: boolean;
  readonly fileName: string;
  readonly quotes?: string;
}

type Looks = Pick<Extract<Expectation, { chat: string }>, 'shows' | 'has' | 'lacks'>;

/** What differs from the expectation, in words; empty where it holds. */
export function differences(expected: Expectation, scene: Scene): string[] {
  const { sandbox } = scene;
  if ('chat' in expected) {
    return compareRows(`в чате ${expected.chat}`, inChat(scene, expected.chat), expected);
  }
  if ('phone' in expected) {
    return compareRows(`на телефоне ${expected.phone}`, onPhone(scene, expected.phone), expected);
  }
  if ('ledger' in expected) return compareLedger(sandbox.ledger(), expected.ledger);
  if ('caught' in expected) {
    const { hits } = scene.fault(expected.caught);
    return compareCount(`сбой ${expected.caught} сработал`, hits, expected);
  }
  if ('requests' in expected) {
    const { length } = sandbox.requests(expected.requests);
    return compareCount(`запросов ${expected.requests}`, length, expected);
  }
  const { isConnected } = sandbox.amojo;
  if (isConnected === expected.connected) return [];
  return [`канал ${isConnected ? 'подключён' : 'не подключён'}`];
}

function compareLedger(
  seen: LedgerSummary,
  expected: Partial<Record<keyof LedgerSummary, number>>,
): string[] {
  return LEDGER_COUNTS.flatMap((name) => {
    const count = expected[name];
    if (count === undefined || seen[name] === count) return [];
    return [`счёт: ${name} = ${seen[name]}, а не ${count}`];
  });
}

function compareCount(
  what: string,
  count: number,
  { times, atLeast = 1 }: { readonly times?: number; readonly atLeast?: number },
): string[] {
  const isGood = times === undefined ? count >= atLeast : count === times;
  const wanted = times === undefined ? `не меньше ${atLeast}` : String(times);
  return isGood ? [] : [`${what}: ${count}, ожидали ${wanted}`];
}

function inChat({ sandbox, addressOf }: Scene, name: string): Seen[] {
  const address = addressOf(name);
  const chats = sandbox.amojo.book.withClient(address);
  return chats.flatMap((chat) => shownIn(chat)).map(seenInChat);
}

function seenInChat(message: ChatMessage): Seen {
  const { direction, type, text, tick, file, fileName, replyTo, chat } = message;
  const quoted =
    replyTo &&
    chat.messages.find(
      ({ id, clientId }) => id === replyTo.id || (clientId ?? '') === replyTo.msgid,
    );
  return {
    from: direction === 'incoming' ? 'client' : 'manager',
    type,
    text,
    mark: tick.state,
    code: tick.code,
    reason: tick.error,
    file: file !== undefined,
    fileName,
    quotes: quoted?.text,
  };
}

function onPhone({ sandbox, addressOf }: Scene, name: string): Seen[] {
  return sandbox.client(addressOf(name)).sees.map(seenOnPhone);
}

function seenOnPhone({ content, status, file }: OutMessage): Seen {
  return {
    from: 'manager',
    type: content.type,
    text: content.text ?? '',
    mark: status ?? '',
    file: file !== undefined,
    fileName: content.attachment?.name ?? '',
  };
}

function compareRows(
  where: string,
  seen: readonly Seen[],
  { shows, has = [], lacks = [] }: Looks,
): string[] {
  const wrong: string[] = [];
  if (shows !== undefined) {
    if (!isTheSame(seen, shows))
      wrong.push(`${where} ожидали ${list(shows.map(wordsOf))}, видно ${inWords(seen)}`);
  }
  for (const row of has) {
    if (!seen.some((one) => fits(one, row))) {
      wrong.push(`${where} нет ${wordsOf(row)}, видно ${inWords(seen)}`);
    }
  }
  for (const row of lacks) {
    if (seen.some((one) => fits(one, row))) wrong.push(`${where} лишнее: ${wordsOf(row)}`);
  }
  return wrong;
}

/**
 * Whether these rows and no others are seen, those of each side in order. How the two sides
 * interleave is not looked at: edna's times are whole seconds.
 */
function isTheSame(seen: readonly Seen[], rows: readonly Row[]): boolean {
  const left = {
    client: seen.filter(({ from }) => from === 'client'),
    manager: seen.filter(({ from }) => from === 'manager'),
  };
  const isTaken = (row: Row): boolean => {
    const side = Object.values(left).find(([next]) => fits(next, row));
    return side?.shift() !== undefined;
  };
  return seen.length === rows.length && rows.every(isTaken);
}

function fits(seen: Seen | undefined, row: Row): boolean {
  if (seen === undefined) return false;
  if (typeof row === 'string') return seen.text === row;
  const { says, reason, ...exact } = row;
  return (
    (says === undefined || seen.text.includes(says)) &&
    (reason === undefined || (seen.reason ?? '').includes(reason)) &&
    Object.entries(exact).every(([key, value]) => seen[key as keyof Seen] === value)
  );
}

function wordsOf(row: Row): string {
  return typeof row === 'string' ? `«${row}»` : JSON.stringify(row);
}

function inWords(seen: readonly Seen[]): string {
  return list(
    seen.map(({ from, type, text, mark, code, reason }) => {
      const error = code === undefined ? '' : ` ${code} ${reason ?? ''}`;
      return `${from} ${type} «${text}» (${mark}${error})`;
    }),
  );
}

/** Long chats are shown by their ends. */
function list(items: readonly string[]): string {
  const few = items.length <= 12 ? items : [...items.slice(0, 5), '…', ...items.slice(-5)];
  return `[${few.join(', ')}]`;
}
