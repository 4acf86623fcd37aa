import type { Language } from './reasons.js';

/** A bucket of S3, or of anything that speaks its language. */
export interface Bucket {
  readonly name: string;
  /** Of the server; unset: Amazon's own, by the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What the keys of all objects begin with: empty, or a folder with its slash. */
  readonly prefix: string;
}

/** What an operator may choose about the bridge's behaviour, apart from its lines. */
export class Settings {
  readonly language: Language = 'ru';
  /** How long a manager's message may wait for edna before it is given up. */
  readonly outboundTtlMs: number = 60 * 60_000;
  /** How long what follows a file waits for the file's own receipt. */
  readonly attachmentWaitMs: number = 5_000;
  readonly retryMaxMs: number = 300_000;
  /** Attempts under way at once, for each upstream. */
  readonly concurrency: number = 128;
  /** Requests a second to each upstream and line; 0 = no limit. */
  readonly ednaRatePerSecond: number = 20;
  readonly amojoRatePerSecond: number = 20;
  readonly retentionDays: number = 30;
  /** The address the platforms reach us at, without a final slash; links to files lead through us where it is set. */
  readonly publicUrl?: string;
  /** Where copies of clients' files lie, and for how long; links of ours to them work as long. */
  readonly mediaDir: string = './data/media';
  readonly mediaDays: number = 30;
  /** After a time in which nobody was there, what was missed is looked for without being asked. */
  readonly reconciles: boolean = true;

  constructor(chosen: Partial<Settings> = {}) {
    Object.assign(this, chosen);
  }
}
