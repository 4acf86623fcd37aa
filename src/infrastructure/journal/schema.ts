import type { ColumnType, Generated } from 'kysely';

/*
 * The tables. Times in columns named `…_at` are milliseconds on the journal's clock (see clock.ts); `…_ms` are plain
 * quantities, or the platforms' own times where a comment says so. Flags are 0 or 1: SQLite has no boolean.
 */

export interface ConversationTable {
  id: Generated<number>;
  line: string;
  /** Empty while no channel is known. */
  channel: string;
  address: string;
  conversation_id: string | null;
  subject: string | null;
  chat_id: string | null;
  participant_id: string | null;
  /**
   * What is to be linked with the client's next message: 1: the chat that a manager opened, with the client; 2: the chat
   * that another program opened, with the card of a client the CRM knows; 0: nothing.
   */
  to_be_linked: number;
  /** When the client wrote last, on the journal's clock or edna's, whichever is later; null while nobody knows. */
  last_inbound_ms: Generated<number | null>;
  /** JSON of the last list a manager offered (see menu.ts); null where there was none. */
  menu: string | null;
}

export interface LaneTable {
  conversation: number;
  kind: string;
  line: string;
  upstream: string;
  /** Counts what was ever accepted into the lane; a message's place in it. */
  accepted_seq: number;
  owner: string | null;
  /** Counts the owners: what a former owner still says about the lane is not listened to. */
  token: Generated<number>;
  /** Null when nothing waits in it. */
  due_at: number | null;
  /** Time of the last message, as amoCRM is told it: it grows strictly. */
  last_ms: Generated<number>;
  /** The part whose receipt the lane waits for. */
  held_by: number | null;
}

export interface MessageTable {
  id: Generated<number>;
  conversation: number;
  line: string;
  direction: string;
  source_id: string;
  seq: number;
  /** JSON of sender, content and quote; null once forgotten. */
  content: string | null;
  /** When it was written, as the other side is told it. */
  source_ms: number;
  accepted_at: number;
  state: string;
  reason: string | null;
  tries: Generated<number>;
  failing_at: number | null;
  unknown_at: number | null;
  /** The id the CRM gave a client's message. */
  peer_id: string | null;
  status: string | null;
  reported_status: string | null;
  /** The CRM's id of a manager's message is known, so statuses can be reported. */
  reportable: number;
  report_due: Generated<number>;
  report_tries: Generated<number>;
  report_failing_at: number | null;
  /** A client's lane carries it, and somebody of the company is its sender. */
  imported: Generated<number>;
  /** JSON of why its status is what another program said it is. */
  told: string | null;
}

export interface PartTable {
  id: Generated<number>;
  message: number;
  number: number;
  generation: number;
  request_id: string;
  route: string | null;
  messenger_id: string | null;
  state: string;
  status: string | null;
  reason: string | null;
  lookups: Generated<number>;
  unknown_at: number | null;
}

export interface AttemptTable {
  id: Generated<number>;
  message: number;
  part: number | null;
  kind: string;
  /** Wall clock, ms. */
  at_ms: number;
  duration_ms: number | null;
  /** `open` from before a send until its end is known. */
  outcome: string;
  http_status: number | null;
  error: string | null;
}

export interface WorkerTable {
  id: string;
  host: string;
  pid: number;
  heartbeat_at: number;
  /** The wall clock at that moment, ms. */
  wall_ms: number;
}

export interface QuarantineTable {
  id: Generated<number>;
  /** Wall clock, ms. */
  at_ms: number;
  reason: string;
  webhook: string;
  scope_id: string | null;
  /** JSON: a list of scopes. */
  opened: string | null;
  raw: ColumnType<Buffer, Buffer, never>;
}

/** What was received together, until it is filed. */
export interface InboxTable {
  id: Generated<number>;
  received_at: number;
  /** How many arrivals. */
  size: number;
  size_bytes: number;
  /** In V8's format: see inbox.ts. */
  arrivals: ColumnType<Buffer, Buffer, never>;
}

export interface ParkedReceiptTable {
  id: Generated<number>;
  line: string;
  messenger_id: string;
  status: string;
  reason: string | null;
  parked_at: number;
}

/** Clients' files that are to be copied before their links expire. */
export interface MediaCopyTable {
  message: number;
  /** The source's time. */
  until_ms: number;
  due_at: number;
  tries: Generated<number>;
}

/** Which message of a group of files has the caption that all of them bring. */
export interface MediaCaptionTable {
  conversation: number;
  /** Of the group and the caption. */
  digest: string;
  source_id: string;
  kept_at: number;
}

/** Access to an amoCRM account that its administrator has given. */
export interface OauthTokenTable {
  /** Its `amojo_id`. */
  account: string;
  /** The account's number in REST v4. */
  number: string;
  /** Without a scheme. */
  host: string;
  /** Encrypted; empty once the access was taken back. */
  access: string;
  refresh: string;
  /** From then on the pair is to be changed for a new one. */
  refresh_at: number;
  expires_at: number;
  /** Why it does not open the account any more; null while it does. */
  fault: string | null;
  /** Counts the pairs: what is said about a former one is not listened to. */
  version: Generated<number>;
  /** Until then one process alone changes the pair. */
  lease_until: Generated<number>;
  /** Before that changing it is not tried again. */
  retry_at: Generated<number>;
}

/** Calls of other programs, by the keys they chose. */
export interface ApiCallTable {
  key: string;
  fingerprint: string;
  /** The process that does it; null once it has ended. */
  owner: string | null;
  /** Of the answer; null while there is none. */
  status: number | null;
  body: string | null;
  begun_at: number;
  /** When `owner` took it. */
  taken_at: number;
  /** When it was begun for the first time, by the wall clock. */
  since_ms: number;
}

export interface MemoryTable {
  name: string;
  value: string;
}

export interface Schema {
  api_call: ApiCallTable;
  memory: MemoryTable;
  conversation: ConversationTable;
  lane: LaneTable;
  message: MessageTable;
  part: PartTable;
  attempt: AttemptTable;
  worker: WorkerTable;
  inbox: InboxTable;
  quarantine: QuarantineTable;
  parked_receipt: ParkedReceiptTable;
  media_copy: MediaCopyTable;
  media_caption: MediaCaptionTable;
  oauth_token: OauthTokenTable;
}
