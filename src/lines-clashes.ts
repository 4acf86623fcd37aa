import type { EdnaSide } from './domain/line.js';
import { toLine, type LineSettings } from './line-settings.js';
import type { Problem } from './lines-file.js';

/* Lines that are right each by itself, and cannot stand beside one another. */

type At = { readonly line: LineSettings; readonly i: number };
type Clash = (one: At, before: readonly At[], all: readonly At[]) => Problem | undefined;

export function clashesOf(lines: readonly LineSettings[]): Problem[] {
  const all = lines.map((line, i) => ({ line, i }));
  return all.flatMap((one) =>
    CLASHES.flatMap((clash) => clash(one, all.slice(0, one.i), all) ?? []),
  );
}

const CLASHES: readonly Clash[] = [
  ({ line, i }, before) => {
    const same = line.name && before.find((other) => other.line.name === line.name);
    return same ? problem(i, ['name'], `is that of lines[${same.i}]`) : undefined;
  },
  ({ line, i }, _, all) => {
    const same = all.find((other) => other.i !== i && line.name && keyOf(other.line) === line.name);
    return same && problem(i, ['name'], `is the key of lines[${same.i}]`);
  },
  ({ line, i }, before) => {
    const same = before.find(
      (other) => isSameScope(line, other.line) && sourceOf(line) === sourceOf(other.line),
    );
    return same && problem(i, ['amocrm', 'source'], `is that of lines[${same.i}] in one account`);
  },
  ({ line, i }, before) => {
    const same = before.find(({ line: other }) => isSameChannel(line, other));
    const differs = same && same.line.amo.channelSecret !== line.amo.channelSecret;
    return differs
      ? problem(i, ['amocrm', 'channel_secret'], `is not that of lines[${same.i}], of one channel`)
      : undefined;
  },
  ({ line, i }, before) => {
    const same = before.find(
      ({ line: other }) => other.amo.isDefault && line.amo.isDefault && isSameScope(line, other),
    );
    return same && problem(i, ['amocrm', 'default'], `is said of lines[${same.i}] already`);
  },
  ({ line, i }, _, all) => {
    const isOpen = line.edna.webhookTokens.length === 0;
    const some = all.some((other) => other.line.edna.webhookTokens.length > 0);
    const what = 'is required: other lines have one';
    return isOpen && some ? problem(i, ['edna', 'webhook_token'], what) : undefined;
  },
  ({ line, i }, before) => {
    if (line.isCopy) return undefined;
    const same = before.find((other) => !other.line.isCopy && sharesChannel(line, other.line));
    const what = `has a channel of lines[${same?.i}]; if both shall get its messages, say copy: true`;
    return same && problem(i, ['edna', 'channels'], what);
  },
  ({ line, i }) => {
    const chains = [...(line.edna.replaces?.values() ?? [])].flat();
    const isTwice = new Set(chains).size < chains.length;
    return isTwice && !isCircular(line)
      ? problem(i, ['aliases'], 'give one channel two successors')
      : undefined;
  },
  ({ line, i }) => {
    return isCircular(line) ? problem(i, ['aliases'], 'lead in a circle') : undefined;
  },
];

function isCircular({ edna }: LineSettings): boolean {
  return [...(edna.replaces ?? [])].some(([now, before]) => before.includes(now));
}

function problem(i: number, path: readonly string[], what: string): Problem {
  return { path: ['lines', i, ...path], what };
}

/** None yet where the account is still to be looked up. */
function keyOf(line: LineSettings): string | undefined {
  const { accountId } = line.amo;
  return accountId === undefined ? undefined : toLine(line, accountId).key;
}

function isSameScope(one: LineSettings, other: LineSettings): boolean {
  const account = ({ amo, crm }: LineSettings) => amo.accountId?.toLowerCase() ?? crm.baseUrl;
  return isSameChannel(one, other) && account(one) === account(other);
}

/** UUIDs are written in either case. */
function isSameChannel({ amo: one }: LineSettings, { amo: other }: LineSettings): boolean {
  return one.channelId.toLowerCase() === other.channelId.toLowerCase();
}

function sourceOf({ amo }: LineSettings): string | undefined {
  return amo.sourceExternalId;
}

/** A number is one channel's alone. What names and messengers mean, and who takes all the rest, the tokens tell. */
function sharesChannel({ edna: one }: LineSettings, { edna: other }: LineSettings): boolean {
  const isSameDoor =
    one.webhookTokens.length === 0 ||
    one.webhookTokens.some((token) => other.webhookTokens.includes(token));
  if (!one.channels || !other.channels) return !one.channels && !other.channels && isSameDoor;
  const others = channelsOf(other);
  return channelsOf(one).some((it) => others.includes(it) && (isSameDoor || /^\d+$/.test(it)));
}

/** Those it names, and those that they took the place of. */
function channelsOf({ channels = [], replaces }: EdnaSide): readonly string[] {
  const now = [...(replaces ?? [])].filter(([it]) => channels.includes(it));
  return [...channels, ...now.flatMap(([, before]) => before)];
}
