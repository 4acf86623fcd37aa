import type { QuarantineEvent } from '../../domain/journal.js';
import type { Line, Lines } from '../../domain/line.js';
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
}

/**
 * The line a hook is for: the scope of its path, else its account, else the only scope whose secret it was signed with;
 * within the scope, the line of its source.
 * @param signers lines whose secret fits the hook's signature
 */
export function lineOf(
  hook: Belonging,
  lines: Lines,
  signers: readonly Line[],
): Line | QuarantineEvent {
  const scope = scopeOf(hook, lines, signers);
  const [any] = scope;
  if (!any) return quarantine('no-line');
  const { accountId } = hook;
  if (hook.accountBinds && accountId !== undefined && !isSame(accountId, any.amo.accountId)) {
    return quarantine('wrong-account');
  }
  if (!scope.some((line) => signers.includes(line))) return quarantine('wrong-secret');
  return lineOfSource(hook.sourceExternalId, scope) ?? quarantine('no-line');
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
function lineOfSource(source: string | undefined, scope: readonly Line[]): Line | undefined {
  const plain = scope.find((line) => line.amo.sourceExternalId === undefined);
  return source === undefined
    ? (plain ?? scope[0])
    : (scope.find((line) => line.amo.sourceExternalId === source) ?? plain);
}

/** UUIDs are written in either case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
