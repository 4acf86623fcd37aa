import type { LineKey, ScopeId } from './ids.js';

/** An edna account's channels joined to one amoCRM scope. Handed through the use cases as a value, never a global. */
export interface Line {
  readonly key: LineKey;
  readonly scopeId: ScopeId;
  /** What operators call it. */
  readonly name?: string;
  readonly edna: EdnaSide;
  readonly amo: AmoSide;
  /** Where the account's REST interface is; access to it is no business of whoever has the line. */
  readonly crm?: { readonly baseUrl: string };
  /** Gets what its channels post although another line names them, too. */
  readonly isCopy?: boolean;
}

export interface EdnaSide {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Lower case, as edna's legacy bodies have it: `whatsapp`, `viber`, `vk`. */
  readonly imType: string;
  /** The dialect to send in, as a path; discovered when absent. */
  readonly sendPath?: string;
  readonly cascadeId?: string;
  /** The channel to send through where a conversation names none. */
  readonly subjectId?: string;
  /** Numbers, names or messengers of the channels it takes; absent: every one that no other line names. */
  readonly channels?: readonly string[];
  /** By the number of a channel those it took the place of: their chats go on in it. */
  readonly replaces?: ReadonlyMap<string, readonly string[]>;
  /** Type of the client's address in a cascade: `PHONE` and others. */
  readonly subscriberIdType: string;
  /** Any of them opens the webhook: two while one is being changed for another. None: it is open to everybody. */
  readonly webhookTokens: readonly string[];
  /** Whose numbers managers write without a country code: two letters, ISO 3166. */
  readonly phoneCountry?: string;
  /** How long after the client's last message free text may be sent; 0: always; absent: as the channel has it. */
  readonly sessionWindowHours?: number;
}

export interface AmoSide {
  /** Of the Chats API, e.g. `https://amojo.amocrm.ru`. */
  readonly baseUrl: string;
  /** A UUID in lower case. */
  readonly channelId: string;
  /** Signs what we send. */
  readonly channelSecret: string;
  /** The one before it: hooks and links that were signed with it are still taken. */
  readonly previousSecret?: string;
  /** The account's `amojo_id`, a UUID in lower case. */
  readonly accountId: string;
  readonly title: string;
  readonly hookApiVersion: string;
  readonly sourceExternalId?: string;
  /**
   * What becomes of a client who writes for the first time and whom the account knows: his chat is put into his card,
   * or the CRM makes of him what it likes.
   */
  readonly knownClient?: 'link' | 'let-amo';
  /** Where leads of the source go. */
  readonly pipelineId?: number;
  /** Takes the scope's hooks that say nothing of where they belong. */
  readonly isDefault?: boolean;
}

/** What a body of edna's says of the channel it came by. */
export interface ChannelClaim {
  /** edna's number of the channel. */
  readonly subjectId?: string;
  /** edna's name of the channel. */
  readonly subject?: string;
  /** The messenger, in lower case. */
  readonly imType?: string;
}

/** Every line there is, and who finds which. They may be changed while the bridge runs, all at once. */
export class Lines {
  private gone: readonly Line[] = [];

  constructor(private current: readonly Line[]) {}

  get all(): readonly Line[] {
    return this.current;
  }

  /** Lines that were, as they were last. They get nothing, but what still comes for them is known by their keys. */
  get removed(): readonly Line[] {
    return this.gone;
  }

  replace(lines: readonly Line[]): void {
    const keys = new Set(lines.map(({ key }) => key));
    this.gone = [...this.gone, ...this.current].filter(({ key }) => !keys.has(key));
    this.current = lines;
  }

  byKey(key: LineKey): Line | undefined {
    return this.current.find((line) => line.key === key);
  }

  byScope(scope: string): Line | undefined {
    return this.current.find((line) => line.scopeId === scope);
  }

  byAccount(accountId: string): Line | undefined {
    return this.current.find((line) => line.amo.accountId === accountId);
  }
}

/** Whether somebody who says this word means the line. */
export function isCalled({ name, key }: Line, word: string): boolean {
  return name === word || key === word;
}

/** Whether a line names the channel: by itself, or as one that has taken the place of it. */
export function takes({ edna }: Line, channel: string): boolean {
  if (edna.channels?.includes(channel)) return true;
  return [...(edna.replaces ?? [])].some(([now, before]) => {
    return before.includes(channel) && (edna.channels?.includes(now) ?? false);
  });
}

/** Whether a line takes a whole messenger, which the file may write in either case. */
export function takesMessenger({ edna }: Line, imType: string): boolean {
  return edna.channels?.some((one) => one.toLowerCase() === imType.toLowerCase()) ?? false;
}

/** A channel as it is now, though it may have had another number when a conversation in it began. */
export function channelNow({ edna }: Line, channel: string): string {
  for (const [now, before] of edna.replaces ?? []) if (before.includes(channel)) return now;
  return channel;
}

/** The secrets that an amoCRM hook of this line may be signed with. */
export function secretsOf({ amo }: Line): readonly string[] {
  return amo.previousSecret ? [amo.channelSecret, amo.previousSecret] : [amo.channelSecret];
}

/** The scopes that lines are of, each once. */
export function scopeIdsOf(lines: readonly Line[]): readonly ScopeId[] {
  return [...new Set(lines.map(({ scopeId }) => scopeId))];
}

/**
 * The lines of each scope together. One of WhatsApp comes first: the scope's templates are all its lines' in common,
 * and are handed in through the first.
 */
export function scopesOf(lines: readonly Line[]): readonly (readonly Line[])[] {
  const scopes = Map.groupBy(lines, ({ scopeId }) => scopeId);
  return [...scopes.values()].map((some) =>
    some.toSorted((one, other) => Number(isWhatsApp(other)) - Number(isWhatsApp(one))),
  );
}

function isWhatsApp({ edna }: Line): boolean {
  return edna.imType === 'whatsapp';
}
