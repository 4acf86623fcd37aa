import { DEFAULT_CASCADES, DEFAULT_CHANNELS, type Cascade, type Channel } from './catalogue.ts';
import type { Fate } from './fates.ts';
import type { EdnaKey } from './keys.ts';
import type { EdnaStatus } from './out-message.ts';
import { DEFAULT_TEMPLATES, type Template } from './template.ts';

/** How the edna twin behaves. Every setting may be changed while it runs. */
export interface EdnaSettings {
  /** The account's master key: it opens every method and channel. */
  apiKey: string;
  /** Keys that open some methods or channels only; elsewhere they are answered 403. */
  additionalKeys: readonly EdnaKey[];
  /** Goes into `Authorization: Token …` of every callback; empty where none is set up. */
  webhookToken: string;
  /** `no-funds`: every send is refused for it; `blocked`: taken by the cascade API, then FAILED. */
  account: 'good' | 'no-funds' | 'blocked';
  channels: readonly Channel[];
  /** What becomes of a message to a channel that is locked; edna's list shows the lock. */
  lockedChannel: Fate;
  /** What `cascade/get-all` lists, or the status (404, 405) it answers instead. */
  cascades: readonly Cascade[] | 404 | 405;
  /** The desk's actions and `message-matchers` change this list. */
  templates: readonly Template[];
  /** What `POST message-matchers` answers where it takes the template; not established. */
  newTemplateAnswer: 'template' | 'empty';
  /**
   * What becomes of free text to a WhatsApp client who has not written for `sessionWindowHours`:
   * `sync400`: refused as `matched-template-not-found`; `async`: taken, then `outsideWindow`; `off`:
   * it goes through. Which of the first two edna does is not known. `off` by default, since clients
   * of the sandbox are strangers until they write: any test that lets the business write first would
   * have to bring a template along.
   */
  sessionWindow: 'off' | 'sync400' | 'async';
  sessionWindowHours: number;
  /** The status was seen as `NO_MATCH_TEMPLATE` too, and `FAILED` with Meta's 131047 is likely. */
  outsideWindow: Fate;
  /** What becomes of a message by itself, one after the other; `manual`: only what a test reports. */
  statuses: 'manual' | readonly EdnaStatus[];
  /** Waits before an attachment is fetched, and before each status once the one before is told. */
  delaysMs: { fetch: number; sent: number; delivered: number; read: number };
  /** A message that is not delivered within it is EXPIRED, where its request names no time of its own. */
  validityHours: number;
  /** How messages to addresses with a given ending fail, instead of going through `statuses`. */
  fates: Record<string, Fate>;
  /** Whether `/api/messages/send` exists. */
  simpleDialect: boolean;
  /** HTTP status of the legacy API's refusals; both were seen. */
  legacyRefusalStatus: 200 | 400;
  historyContent: 'object' | 'string';
  /** Both were seen. */
  historyIds: 'number' | 'string';
  /** The field of a history item that says when it was written, which edna documents nowhere; empty: none does. */
  historyTime: string;
  /** edna marks what clients write as read at once, unless its support switches that off. */
  autoRead: boolean;
  /** How `callback/set` tries an address; edna documents HEAD, a GET before it was seen. */
  probe: 'get+head' | 'head' | 'off';
  /**
   * edna takes `https://` on port 443 alone. A bridge on trial listens on a free port of this
   * machine and has no certificate, so loopback addresses are exempt by default.
   */
  callbackAddresses: 'https, loopback exempt' | 'https';
  /** Other addresses count as not available, so that a sandbox never calls out. */
  callbackTo: 'loopback' | 'anywhere';
  /** HTTP status of `callback/set` where its body tells of a failure. */
  callbackRefusalStatus: 200 | 400;
  /** A callback that is not answered with exactly 200 is sent again after these. */
  resendAfterSeconds: readonly number[];
  callbackTimeoutMs: number;
  /** Equal content to the same address within this time is cancelled. */
  duplicateWindowMs: number;
  fetchFrom: 'loopback' | 'anywhere';
}

/** The resends of edna's older page: ten, each wait twice the one before, 68 minutes in all. */
export const OLDER_RESENDS_SECONDS: readonly number[] = [
  4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048,
];

export function defaultEdnaSettings(): EdnaSettings {
  return {
    apiKey: '0c9d4f6a-1b7e-4c58-9a21-6f3d8e5b7c10',
    additionalKeys: [],
    webhookToken: 'sandbox-webhook-token',
    account: 'good',
    channels: DEFAULT_CHANNELS,
    // No source names the error of a locked channel; this one edna's own example of FAILED carries.
    lockedChannel: { status: 'FAILED', error: 'error-subject-unknown' },
    cascades: DEFAULT_CASCADES,
    templates: DEFAULT_TEMPLATES,
    newTemplateAnswer: 'template',
    sessionWindow: 'off',
    sessionWindowHours: 24,
    outsideWindow: { status: 'NO-MATCH-TEMPLATE', error: null },
    statuses: ['SENT', 'DELIVERED', 'READ'],
    delaysMs: { fetch: 20, sent: 5, delivered: 20, read: 20 },
    validityHours: 24,
    fates: {},
    simpleDialect: false,
    legacyRefusalStatus: 200,
    historyContent: 'object',
    historyIds: 'number',
    historyTime: 'createdAt',
    autoRead: true,
    probe: 'get+head',
    callbackAddresses: 'https, loopback exempt',
    callbackTo: 'loopback',
    callbackRefusalStatus: 200,
    resendAfterSeconds: [4, 128, 2048],
    // edna publishes no timeout for its callbacks.
    callbackTimeoutMs: 10_000,
    duplicateWindowMs: 20 * 60 * 1000,
    fetchFrom: 'loopback',
  };
}
