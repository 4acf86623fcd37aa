/** What edna posts of its own accord. */
export type CallbackKind = 'incoming' | 'status' | 'template';

export type Urls = Readonly<Partial<Record<CallbackKind, string>>>;

/** Where the callbacks go: what `callback/set` registered, else where the sandbox points. */
export class CallbackUrls {
  readonly #fallback: () => string | undefined;
  /** By `subjectId`; the account's own stand under undefined. */
  readonly #registered = new Map<number | undefined, Urls>();

  constructor(fallback: () => string | undefined) {
    this.#fallback = fallback;
  }

  /** Addresses that are not given stay as they were. */
  register(subjectId: number | undefined, urls: Urls): void {
    this.#registered.set(subjectId, { ...this.#registered.get(subjectId), ...urls });
  }

  /** A channel's own address comes before the account's. */
  of(kind: CallbackKind, subjectId?: number): string | undefined {
    return (
      this.#registered.get(subjectId)?.[kind] ??
      this.#registered.get(undefined)?.[kind] ??
      this.#fallback()
    );
  }

  /** As if nobody had called `callback/set`. */
  forget(): void {
    this.#registered.clear();
  }
}
