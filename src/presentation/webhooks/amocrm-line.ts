import type { QuarantineEvent } from '../../domain/journal.js';
import { parseConversationId } from '../../domain/ids.js';
import { takes, type Line, type Lines } from '../../domain/line.js';
import { quarantine } from './reading.js';

/** How a hook came. */
export interface HookContext {
  /** The scope in its path. */
  readonly scopeId?: string;
  readonly lines: Lines;
  /** Lines whose secret fits its signature. */
  readonly signers: readonly Line[];
  /** When it came. */
  readonly at: Date;
}

/** What a hook says of where it belongs. */
export interface Belonging {
  /** The scope in its path. */
  readonly scopeId?: string;
  readonly accountId?: string;
  /** Whether the account must be the scope's; the flat form may have any. */
  readonly accountBinds: boolean;
  readonly sourceExternalId?: string;
  /** Our id of the conversation, which names the channel it was born in. */
  readonly conversationId?: string;
}

/**
 * The line a hook is for: the scope of its path, else its account, else the only scope whose secret it was signed with;
 * within the scope, the line of its source, else the one whose channel the conversation is in, else the default one.
 * @param signed lines whose secret fits the hook's signature
 */
export function lineOf(
  hook: Belonging,
  lines: Lines,
  signed: readonly Line[],
): Line | QuarantineEvent {
  // They may have been read anew since the signature was looked at.
  const signers = lines.all.filter((line) => signed.some(({ key }) => key === line.key));
  // Then it is for one that was removed, and an account with another channel is not to be taken for it.
  if (signed.length > 0 && signers.length === 0) return quarantine('no-line');
  const scope = scopeOf(hook, lines, signers);
  const [any] = scope;
  if (!any) return quarantine('no-line');
  const { accountId } = hook;
  if (hook.accountBinds && accountId !== undefined && !isSame(accountId, any.amo.accountId)) {
    return quarantine('wrong-account');
  }
  if (!scope.some((line) => signers.includes(line))) return quarantine('wrong-secret');
  return lineWithin(scope, hook) ?? quarantine('no-line');
}

function scopeOf(
  { scopeId, accountId, accountBinds }: Belonging,
  lines: Lines,
  signers: readonly Line[],
): readonly Line[] {
  if (scopeId !== undefined) return lines.all.filter((line) => isSame(line.scopeId, scopeId));
  if (accountId !== undefined) {
    const ofAccount = lines.all.filter((line) => isSame(line.amo.accountId, accountId));
    // An account may have several channels: the secret tells them apart.
    const [signed] = ofAccount.filter((line) => signers.includes(line));
    const [first] = signed ? [signed] : ofAccount;
    if (first) return ofAccount.filter((line) => line.scopeId === first.scopeId);
    if (accountBinds) return [];
  }
  const [first] = signers;
  return signers.every((line) => line.scopeId === first?.scopeId) ? signers : [];
}

/** A hook names its source only where the account has sources; one line without a source takes them all. */
function lineWithin(
  scope: readonly Line[],
  { sourceExternalId: source, conversationId }: Belonging,
): Line | undefined {
  const plain = scope.find((line) => line.amo.sourceExternalId === undefined);
  if (source !== undefined) {
    return scope.find((line) => line.amo.sourceExternalId === source) ?? plain;
  }
  const { channel } = parseConversationId(conversationId ?? '') ?? {};
  const ofChannel = channel === undefined ? undefined : scope.find((line) => takes(line, channel));
  return ofChannel ?? scope.find(({ amo }) => amo.isDefault) ?? plain ?? scope[0];
}

/** UUIDs are written in either case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
