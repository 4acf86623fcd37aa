import { DEFAULT_CASCADES, DEFAULT_CHANNELS, type Cascade, type Channel } from './catalogue.ts';
import type { EdnaKey } from './keys.ts';
import type { EdnaStatus } from './out-message.ts';

/** How the edna twin behaves. Every setting may be changed while it runs. */
export interface EdnaSettings {
  /** The account's master key: it opens every method and channel. */
  apiKey: string;
  /** Keys that open some methods or channels only; elsewhere they are answered 403. */
  additionalKeys: readonly EdnaKey[];
  /** Goes into `Authorization: Token …` of every callback; empty where none is set up. */
  webhookToken: string;
  channels: readonly Channel[];
  /** What `cascade/get-all` lists, or the status (404, 405) it answers instead. */
  cascades: readonly Cascade[] | 404 | 405;
  /** What becomes of a message by itself, one after the other; `manual`: only what a test reports. */
  statuses: 'manual' | readonly EdnaStatus[];
  /** Waits before an attachment is fetched, and before each status once the one before is told. */
  delaysMs: { fetch: number; sent: number; delivered: number; read: number };
  /** How messages to addresses with a given ending fail, instead of going through `statuses`. */
  fates: Record<string, { status: EdnaStatus; error: string | null }>;
  /** Whether `/api/messages/send` exists. */
  simpleDialect: boolean;
  /** HTTP status of the legacy API's refusals; both were seen. */
  legacyRefusalStatus: 200 | 400;
  historyContent: 'object' | 'string';
  /** A callback that is not answered with exactly 200 is sent again after these. */
  resendAfterSeconds: readonly number[];
  callbackTimeoutMs: number;
  /** Equal content to the same address within this time is cancelled. */
  duplicateWindowMs: number;
  fetchFrom: 'loopback' | 'anywhere';
}

export function defaultEdnaSettings(): EdnaSettings {
  return {
    apiKey: '0c9d4f6a-1b7e-4c58-9a21-6f3d8e5b7c10',
    additionalKeys: [],
    webhookToken: 'sandbox-webhook-token',
    channels: DEFAULT_CHANNELS,
    cascades: DEFAULT_CASCADES,
    statuses: ['SENT', 'DELIVERED', 'READ'],
    delaysMs: { fetch: 20, sent: 5, delivered: 20, read: 20 },
    fates: {},
    simpleDialect: false,
    legacyRefusalStatus: 200,
    historyContent: 'object',
    resendAfterSeconds: [4, 128, 2048],
    // edna publishes no timeout for its callbacks.
    callbackTimeoutMs: 10_000,
    duplicateWindowMs: 20 * 60 * 1000,
    fetchFrom: 'loopback',
  };
}
