import { JournalUnavailable } from '../../src/domain/errors.js';
import { Journal } from '../../src/domain/journal.js';
import { Door } from './door.ts';

const METHODS = [
  'accept',
  'receive',
  'file',
  'claim',
  'claimOverdue',
  'read',
  'begin',
  'settle',
  'renew',
  'check',
] as const;
type Method = (typeof METHODS)[number];

/** A real journal whose calls a spec can hold up, let fail before anything is written, or after. */
export class WatchedJournal extends Journal {
  /** Rises with every call that begins or ends. */
  activity = 0;
  readonly doors: Readonly<Record<Method, Door>> = Object.fromEntries(
    METHODS.map((method) => [method, new Door()]),
  ) as Record<Method, Door>;
  private readonly failures = new Map<Method, number>();
  private readonly lost = new Map<Method, number>();

  /** @param store whose next commits lose their answers, as many as it says */
  constructor(
    private readonly inner: Journal,
    private readonly store: { losses: number },
  ) {
    super();
  }

  /** The next calls find that nothing can be committed. */
  failNext(method: Method, times = 1): void {
    this.failures.set(method, times);
  }

  /** The next calls are committed, and their answers are lost on the way back. */
  loseNext(method: Method, times = 1): void {
    this.lost.set(method, times);
  }

  /** How many failures are still to come. */
  failuresLeft(method: Method): number {
    return this.failures.get(method) ?? 0;
  }

  override accept(...given: Parameters<Journal['accept']>) {
    return this.through('accept', () => this.inner.accept(...given));
  }

  override receive(...given: Parameters<Journal['receive']>) {
    return this.through('receive', () => this.inner.receive(...given));
  }

  override file() {
    return this.through('file', () => this.inner.file());
  }

  override claim(...given: Parameters<Journal['claim']>) {
    return this.through('claim', () => this.inner.claim(...given));
  }

  override claimOverdue(...given: Parameters<Journal['claimOverdue']>) {
    return this.through('claimOverdue', () => this.inner.claimOverdue(...given));
  }

  override read(...given: Parameters<Journal['read']>) {
    return this.through('read', () => this.inner.read(...given));
  }

  override begin(...given: Parameters<Journal['begin']>) {
    return this.through('begin', () => this.inner.begin(...given));
  }

  override takenUnnamed(...given: Parameters<Journal['takenUnnamed']>) {
    return this.inner.takenUnnamed(...given);
  }

  override settle(...given: Parameters<Journal['settle']>) {
    return this.through('settle', () => this.inner.settle(...given));
  }

  override renew() {
    return this.through('renew', () => this.inner.renew());
  }

  override check() {
    return this.through('check', () => this.inner.check());
  }

  override owned(...given: Parameters<Journal['owned']>) {
    return this.inner.owned(...given);
  }

  override state() {
    return this.inner.state();
  }

  override stranded(...given: Parameters<Journal['stranded']>) {
    return this.inner.stranded(...given);
  }

  override quarantined(...given: Parameters<Journal['quarantined']>) {
    return this.inner.quarantined(...given);
  }

  override quarantinedOne(id: number) {
    return this.inner.quarantinedOne(id);
  }

  override discharge(id: number) {
    return this.inner.discharge(id);
  }

  override prune(days: number) {
    return this.inner.prune(days);
  }

  override close() {
    return this.inner.close();
  }

  private async through<T>(method: Method, call: () => Promise<T>): Promise<T> {
    this.activity += 1;
    try {
      await this.doors[method].pass();
      const failures = this.failuresLeft(method);
      if (failures > 0) {
        this.failures.set(method, failures - 1);
        throw new JournalUnavailable(new Error('the spec says so'));
      }
      const lost = this.lost.get(method) ?? 0;
      if (lost > 0) {
        this.lost.set(method, lost - 1);
        this.store.losses += 1;
      }
      return await call();
    } finally {
      this.activity += 1;
    }
  }
}
