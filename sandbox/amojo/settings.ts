import { defaultCrmSettings, type CrmSettings } from '../amocrm/settings.ts';
import type { Participant } from './chat.ts';
import type { SlowQueueRule } from './slow-queue.ts';

/** An amoCRM account the channel is open to. */
export interface AmojoAccount {
  /** `amojo_id` of the account: a uuid. */
  accountId: string;
  /** The account's number and name in REST v4, and the long-lived token that opens it. */
  accountNumber: number;
  subdomain: string;
  restToken: string;
  /** Its users; those of the main account where left out. */
  managers?: readonly Participant[];
}

/**
 * How the amoCRM twin behaves. Every setting may be changed while it runs. What amoCRM leaves open
 * is a switch; its default is the documented or the likelier reading.
 */
export interface AmojoSettings extends AmojoAccount, CrmSettings {
  channelId: string;
  channelSecret: string;
  managers: readonly Participant[];
  bot: Participant;
  /** More accounts of the channel's list; to any other, it is closed. */
  moreAccounts: readonly AmojoAccount[];
  /** Whether the channel is connected to its accounts before anybody calls `connect`. */
  connected: boolean;
  /** What calls of a scope are answered while it is not connected. */
  disconnectedScope: 404 | 403;
  /** A 200 without news: no body in the Russian documentation, `{}` in Kommo's. */
  emptyBody: 'none' | 'object';
  /** What a 404 about a message carries. */
  unknownMessageBody: 'envelope' | 'none';
  /** Whether the answer to a message names amojo's ids, as in real logs, or the integration's. */
  answerIds: 'amojo' | 'integration';
  /** Phone and e-mail in the answer of `chats`: flat, or in `profile` as one tutorial has them. */
  profileShape: 'flat' | 'nested';
  /** What a second message with the same `msgid` is answered. */
  duplicateMsgid: 'idempotent200' | 'reject400';
  /** What an edit of an unknown message is answered. */
  unknownEdit: 404 | 400;
  /** A quoted `id` or `msgid` that amojo does not know. */
  unknownQuote: 'ignore' | 'reject400';
  /** Documented: picture, video and file need a name and a size. In practice amojo lets it pass. */
  mediaNeedsName: boolean;
  /** Which name of the status code is read; `either` is what all known clients rely on. */
  statusField: 'either' | 'status_code' | 'delivery_status';
  /** Whether `message.delivery_status` counts in an import as well, as it does at Kommo. */
  importedStatus: 'taken' | 'ignored';
  /** What typing in an unknown chat is answered: Kommo lists 404, the Russian page does not. */
  unknownTyping: 404 | 204;
  /** A history `limit` over 50. */
  historyOverLimit: 'clamp' | 'reject400';
  /** A signed body of another type than `application/json`, the only one that is documented. */
  otherContentType: 'reject400' | 'taken';
  /** `react` without an emoji: optional on the Russian page, required at Kommo. */
  reactionWithoutEmoji: 'reject400' | 'taken';
  /** Status -1 without `error_code`: the pages differ in whether it must be there. */
  errorWithoutCode: 'reject400' | 'taken';
  dateToleranceSeconds: number;
  /** Whether the scheme of before 2019 is accepted as well: HMAC of the body, no date. */
  legacySignature: boolean;
  /** Requests amojo takes in a second; no limit is documented, so 0 is none. */
  amojoPerSecond: number;
  /** What support switched on for the channel's hooks. */
  supports: { readonly typing: boolean; readonly quotes: boolean; readonly reactions: boolean };
  /** Whether a message imported as a manager comes back as a hook; not established. */
  hooksImportsOfManagers: boolean;
  /** Phone and e-mail a client does not have: absent in real hooks, empty in the documentation. */
  unknownPhone: 'absent' | 'empty';
  /** Who a manager writes first to: a participant of its own, or one already known by the phone. */
  writeFirstReceiver: 'new' | 'known';
  /** Real hooks end in a newline that is not signed; `signed` and `none` are the other readings. */
  hookNewline: 'unsigned' | 'signed' | 'none';
  /** `escaped` writes `\uXXXX` and `\/`, as PHP does; the signature is over those very bytes. */
  hookJson: 'plain' | 'escaped';
  hookTimeoutMs: number;
  /**
   * The queue for hooks of an endpoint that answers slowly or badly. amoCRM documents that there is
   * one and that it is left again, but no numbers; so it is off until a spec chooses some.
   */
  slowQueue: 'off' | SlowQueueRule;
  fetchFrom: 'loopback' | 'anywhere';
  /** Wait before the media of a message and an avatar are fetched. */
  fetchDelayMs: number;
}

export function defaultAmojoSettings(): AmojoSettings {
  return {
    ...defaultCrmSettings(),
    channelId: '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37',
    channelSecret: 'b7c1d90e4f5a6b2c8d3e1f0a9b8c7d6e5f4a3b2c',
    accountId: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef',
    accountNumber: 31_990_077,
    subdomain: 'acme',
    restToken: 'sandbox-long-lived-token',
    managers: [{ id: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8', role: 'user', name: 'Олег' }],
    bot: { id: '0a6e5d93-2f71-4b8c-9e34-d8c1f7b20a65', role: 'bot', name: 'Edna' },
    moreAccounts: [],
    connected: false,
    disconnectedScope: 404,
    emptyBody: 'none',
    unknownMessageBody: 'envelope',
    answerIds: 'amojo',
    profileShape: 'flat',
    duplicateMsgid: 'idempotent200',
    unknownEdit: 404,
    unknownQuote: 'ignore',
    mediaNeedsName: true,
    statusField: 'either',
    importedStatus: 'taken',
    unknownTyping: 404,
    historyOverLimit: 'clamp',
    otherContentType: 'reject400',
    reactionWithoutEmoji: 'reject400',
    errorWithoutCode: 'reject400',
    dateToleranceSeconds: 900,
    legacySignature: false,
    amojoPerSecond: 0,
    supports: { typing: true, quotes: true, reactions: true },
    hooksImportsOfManagers: false,
    unknownPhone: 'absent',
    writeFirstReceiver: 'new',
    hookNewline: 'unsigned',
    hookJson: 'plain',
    hookTimeoutMs: 5000,
    slowQueue: 'off',
    fetchFrom: 'loopback',
    fetchDelayMs: 5,
  };
}

export function scopeIdOf({
  channelId,
  accountId,
}: Pick<AmojoSettings, 'channelId' | 'accountId'>): string {
  return `${channelId}_${accountId}`;
}

/** The accounts of the channel's list, the main one first. */
export function accountsOf(settings: AmojoSettings): readonly AmojoAccount[] {
  return [settings, ...settings.moreAccounts];
}

export function accountOfScope(settings: AmojoSettings, scopeId: string): AmojoAccount | undefined {
  const { channelId } = settings;
  return accountsOf(settings).find(
    ({ accountId }) => scopeIdOf({ channelId, accountId }) === scopeId,
  );
}
