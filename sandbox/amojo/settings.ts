import type { Participant } from './chat.ts';

/** How the amoCRM twin behaves. Every setting may be changed while it runs. */
export interface AmojoSettings {
  channelId: string;
  channelSecret: string;
  /** `amojo_id` of the account: a uuid. */
  accountId: string;
  /** The account's number and name in REST v4, and the long-lived token that opens it. */
  accountNumber: number;
  subdomain: string;
  restToken: string;
  managers: readonly Participant[];
  bot: Participant;
  /** Whether the channel is connected to the account before anybody calls `connect`. */
  connected: boolean;
  /** What a second message with the same `msgid` is answered. */
  duplicateMsgid: 'idempotent200' | 'reject400';
  /** What an edit of an unknown message is answered. */
  unknownEdit: 404 | 400;
  dateToleranceSeconds: number;
  /** Real hooks end in a newline that is not signed; `signed` and `none` are the other readings. */
  hookNewline: 'unsigned' | 'signed' | 'none';
  hookTimeoutMs: number;
  fetchFrom: 'loopback' | 'anywhere';
  /** Wait before the media of a message is fetched. */
  fetchDelayMs: number;
}

export function defaultAmojoSettings(): AmojoSettings {
  return {
    channelId: '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37',
    channelSecret: 'b7c1d90e4f5a6b2c8d3e1f0a9b8c7d6e5f4a3b2c',
    accountId: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef',
    accountNumber: 31_990_077,
    subdomain: 'acme',
    restToken: 'sandbox-long-lived-token',
    managers: [{ id: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8', role: 'user', name: 'Олег' }],
    bot: { id: '0a6e5d93-2f71-4b8c-9e34-d8c1f7b20a65', role: 'bot', name: 'Edna' },
    connected: false,
    duplicateMsgid: 'idempotent200',
    unknownEdit: 404,
    dateToleranceSeconds: 900,
    hookNewline: 'unsigned',
    hookTimeoutMs: 5000,
    fetchFrom: 'loopback',
    fetchDelayMs: 5,
  };
}

export function scopeIdOf({ channelId, accountId }: AmojoSettings): string {
  return `${channelId}_${accountId}`;
}
