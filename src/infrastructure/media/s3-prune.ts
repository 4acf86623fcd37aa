import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Bucket } from '../../domain/settings.js';
import { COPY_NAME } from './copy-name.js';
import { isAbsent, s3Fault, s3Status } from './s3-fault.js';

const DAY_MS = 24 * 60 * 60_000;

/** What a process left behind that ended in the middle; nobody writes that long at one file. */
const BROKEN_MS = 60 * 60_000;

/** Of 1,000 keys each, a round: a bucket of a million is looked through in two days of hourly rounds. */
const PAGES = 20;

/** At once. They are deleted one by one: not every server takes a list of them. */
const DELETIONS = 8;

/** Other servers may not list unfinished uploads, and have a rule of their own for them. */
const UNKNOWN_HERE = new Set([405, 501]);

/** Where our names begin; a bucket may hold much else. */
const BEGINNINGS = ['inbound-', 'outbound-'] as const;

/** Removes old copies from a bucket, some in each round; the next goes on where this one ended. */
export class S3Prune {
  private readonly after = new Map<string, string>();

  constructor(
    private readonly client: S3Client,
    private readonly bucket: Bucket,
  ) {}

  /** @throws {MediaFault} and then some are left for the next round; what the bucket holds keeps nothing else there */
  async round(days: number): Promise<void> {
    const now = Date.now();
    const held: unknown[] = [];
    try {
      for (const beginning of BEGINNINGS) {
        await this.removeOlder(this.bucket.prefix + beginning, new Date(now - days * DAY_MS), held);
        await this.abortOlder(this.bucket.prefix + beginning, new Date(now - BROKEN_MS));
      }
      if (held.length > 0) throw held[0];
    } catch (error) {
      throw s3Fault(error, 'unreachable');
    }
  }

  private async removeOlder(prefix: string, than: Date, held: unknown[]): Promise<void> {
    for (let page = 0; page < PAGES; page += 1) {
      const { Contents = [], IsTruncated } = await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.bucket.name,
          Prefix: prefix,
          StartAfter: this.after.get(prefix),
        }),
      );
      const old = Contents.flatMap(({ Key = '', LastModified }) =>
        this.isOurs(Key) && LastModified && LastModified < than ? [Key] : [],
      );
      const refusals = await this.remove(old);
      held.push(...refusals);
      const last = Contents.at(-1)?.Key;
      const isLast = IsTruncated !== true || last === undefined;
      if (isLast) this.after.delete(prefix);
      else this.after.set(prefix, last);
      // Where all are refused we may delete nothing, most likely: the rest is not asked for as well.
      if (isLast || (old.length > 0 && refusals.length === old.length)) return;
    }
  }

  /** @returns refusals: an object may be held, by a lock of the bucket or of somebody's */
  private async remove(keys: readonly string[]): Promise<unknown[]> {
    const refusals: unknown[] = [];
    const removeOne = async (Key: string): Promise<void> => {
      try {
        await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket.name, Key }));
      } catch (error) {
        if (s3Status(error) !== 403) throw error;
        refusals.push(error);
      }
    };
    for (let at = 0; at < keys.length; at += DELETIONS) {
      await Promise.all(keys.slice(at, at + DELETIONS).map(removeOne));
    }
    return refusals;
  }

  /** Of the first page: what was ended is not on it in the next round. */
  private async abortOlder(prefix: string, than: Date): Promise<void> {
    const { name: Bucket } = this.bucket;
    try {
      const { Uploads = [] } = await this.client.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: prefix }),
      );
      for (const { Key = '', UploadId, Initiated } of Uploads) {
        if (!this.isOurs(Key) || !Initiated || Initiated >= than) continue;
        await this.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }
    } catch (error) {
      // 404: another replica was faster; the next round has the rest.
      if (!UNKNOWN_HERE.has(s3Status(error) ?? 0) && !isAbsent(error)) throw error;
    }
  }

  private isOurs(key: string): boolean {
    return COPY_NAME.test(key.slice(this.bucket.prefix.length));
  }
}
