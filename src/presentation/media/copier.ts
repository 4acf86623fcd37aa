import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { FiledFiles, MediaStore, type CopyWork } from '../../domain/media.js';
import { Settings } from '../../domain/settings.js';
import { CopyFile } from '../../use-cases/copy-file.js';
import { Alarm } from '../dispatcher/alarm.js';
import { DispatcherMode } from '../dispatcher/dispatcher.js';
import { plainError } from '../plain-error.js';

/** How often it is looked whether there is something to copy: links of edna last for days. */
const LOOK_MS = 5_000;

/** At once. Messages have the connections and the disk first. */
const COPIES = 3;

/** A copy takes 15 minutes at most; one that nobody has ended by then belonged to a process that is dead. */
const OURS_MS = 20 * 60_000;

/** How often old copies are removed. */
const PRUNE_MS = 60 * 60_000;

/** Copies clients' files in the background, beside the messages and never in their way. */
@Injectable()
export class Copier implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Copier.name);
  private readonly stopping = new AbortController();
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly files: FiledFiles,
    private readonly copyFile: CopyFile,
    private readonly settings: Settings,
    private readonly alarm: Alarm,
    private readonly mode: DispatcherMode,
    private readonly store: MediaStore,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.publicUrl === undefined || this.mode.value === 'at rest') return;
    this.later();
    void this.prune();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  private later(): void {
    this.alarm.after(LOOK_MS, () => {
      this.looking = this.look().finally(() => {
        if (!this.stopping.signal.aborted) this.later();
      });
    });
  }

  private async look(): Promise<void> {
    try {
      for (let found = COPIES; found === COPIES && !this.stopping.signal.aborted;) {
        const works = await this.files.claimCopies(COPIES, OURS_MS);
        await Promise.all(works.map((work) => this.copy(work)));
        found = works.length;
      }
    } catch (error) {
      this.logger.error({ msg: 'files were not copied', error: plainError(error) });
    }
  }

  private async prune(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    try {
      await this.store.prune(this.settings.mediaDays);
    } catch (error) {
      this.logger.error({ msg: 'old copies were not removed', error: plainError(error) });
    }
    this.alarm.after(PRUNE_MS, () => void this.prune());
  }

  private async copy(work: CopyWork): Promise<void> {
    const { outcome, fault } = await this.copyFile.execute(work, {
      now: this.alarm.date(),
      jitter: this.alarm.random(),
      signal: this.stopping.signal,
    });
    const { messageId } = work.file;
    if (outcome === 'copied') this.logger.log({ msg: 'file copied', message: messageId });
    else {
      const { trouble, message } = fault ?? {};
      this.logger.warn({ msg: `file ${outcome}`, message: messageId, trouble, error: message });
    }
  }
}
