import { lineKey, scopeId } from './domain/ids.js';
import type { AmoSide, EdnaSide, Line } from './domain/line.js';

/** A line as its settings give it. */
export interface LineSettings {
  readonly name?: string;
  readonly edna: EdnaSide;
  /** Without the account id where it is to be looked up. */
  readonly amo: Omit<AmoSide, 'accountId'> & { readonly accountId?: string };
  /** amoCRM's REST interface, where it is to be used: the account's address, and a long-lived token. */
  readonly crm: { readonly baseUrl?: string; readonly token?: string };
  readonly isCopy?: boolean;
}

/** UUIDs may be written in either case, and a line's chats are filed under them: so they are always in lower case. */
export function toLine({ name, edna, amo, crm, isCopy }: LineSettings, account: string): Line {
  const channelId = amo.channelId.toLowerCase();
  const accountId = account.toLowerCase();
  const scope = scopeId(channelId, accountId);
  return {
    key: lineKey(scope, amo.sourceExternalId),
    scopeId: scope,
    ...(name !== undefined && { name }),
    edna,
    amo: { ...amo, channelId, accountId },
    ...(crm.baseUrl && { crm: { baseUrl: crm.baseUrl } }),
    ...(isCopy && { isCopy }),
  };
}
