/* What the platforms keep of messages themselves, for whoever was not there to be told. */

/** Both ends included. */
export interface Span {
  readonly since: Date;
  readonly until: Date;
}

/** A part of a history. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly hasNext: boolean;
  /** The other side's clock when it answered, in whole seconds; absent where it does not say. */
  readonly at?: Date;
}

/** A message as the messenger's history has it. */
export interface MessengerEntry {
  readonly messengerId: string;
  /** What the messenger itself is called, in lower case. */
  readonly messenger?: string;
  /** Absent where no field says it, or says what cannot be. */
  readonly writtenAt?: Date;
  /** Of a message of the business, as we sent it. */
  readonly comment?: string;
  /** Whether it is words alone: what follows a file as its caption is. */
  readonly isText: boolean;
  /** Where a message of the business is, in the messenger's own word. */
  readonly status?: string;
  /** What the webhook about it should have brought, as JSON. */
  readonly body: object;
}

/** A message as the history of a chat has it. */
export interface ChatEntry {
  /** The CRM's id. */
  readonly messageId: string;
  /** Ours; none where it was written in the CRM. */
  readonly sourceId?: string;
  /** Somebody in the company wrote it. */
  readonly isOutgoing: boolean;
  readonly writtenAt?: Date;
  /** What the hook about it should have brought, as JSON. */
  readonly body: object;
}
