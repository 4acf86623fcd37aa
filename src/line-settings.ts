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

export function toLine({ name, edna, amo, crm, isCopy }: LineSettings, accountId: string): Line {
  const scope = scopeId(amo.channelId, accountId);
  return {
    key: lineKey(scope, amo.sourceExternalId),
    scopeId: scope,
    ...(name !== undefined && { name }),
    edna,
    amo: { ...amo, accountId },
    ...(crm.baseUrl && { crm: { baseUrl: crm.baseUrl } }),
    ...(isCopy && { isCopy }),
  };
}
