import type { LineKey, ScopeId } from './ids.js';

/** An edna account's channels joined to one amoCRM scope. Handed through the use cases as a value, never a global. */
export interface Line {
  readonly key: LineKey;
  readonly scopeId: ScopeId;
  readonly edna: EdnaSide;
  readonly amo: AmoSide;
}

export interface EdnaSide {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Lower case, as edna's legacy bodies have it: `whatsapp`, `viber`, `vk`. */
  readonly imType: string;
  /** The dialect to send in, as a path; discovered when absent. */
  readonly sendPath?: string;
  readonly cascadeId?: string;
  readonly subjectId?: string;
  /** Type of the client's address in a cascade: `PHONE` and others. */
  readonly subscriberIdType: string;
  readonly webhookToken?: string;
  /** Whose numbers managers write without a country code: two letters, ISO 3166. */
  readonly phoneCountry?: string;
  /** How long after the client's last message free text may be sent; 0: always; absent: as the channel has it. */
  readonly sessionWindowHours?: number;
}

export interface AmoSide {
  /** Of the Chats API, e.g. `https://amojo.amocrm.ru`. */
  readonly baseUrl: string;
  readonly channelId: string;
  readonly channelSecret: string;
  /** The account's `amojo_id`, a UUID. */
  readonly accountId: string;
  readonly title: string;
  readonly hookApiVersion: string;
  readonly sourceExternalId?: string;
}

/** Every line there is, and who finds which. */
export class Lines {
  constructor(readonly all: readonly Line[]) {}

  byKey(key: LineKey): Line | undefined {
    return this.all.find((line) => line.key === key);
  }

  byScope(scope: string): Line | undefined {
    return this.all.find((line) => line.scopeId === scope);
  }

  byAccount(accountId: string): Line | undefined {
    return this.all.find((line) => line.amo.accountId === accountId);
  }

  /**
   * The line that takes what an edna channel posts: the one that names the channel, else one that names none.
   * A body without a channel id goes to the first line.
   */
  byEdnaChannel(subjectId: string | undefined): Line | undefined {
    if (subjectId === undefined) return this.all[0];
    return (
      this.all.find((line) => line.edna.subjectId === subjectId) ??
      this.all.find((line) => line.edna.subjectId === undefined)
    );
  }
}
