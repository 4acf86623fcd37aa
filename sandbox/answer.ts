/** What a twin answers to a request. A string body is HTML, bytes are a file, all else is JSON. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why the caller was refused; goes into the ledger. Every 4xx is a refusal, named or not. */
  readonly reason?: string;
  /** A 4xx that is no fault of the caller: a fair repeat, or a route that is switched off. */
  readonly excused?: boolean;
}

/** Thrown by a check that fails; the twin answers with it. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(answer.reason ?? `answered ${answer.status}`);
    this.answer = answer;
  }
}
