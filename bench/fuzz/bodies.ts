import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { fixture, fixtureNames } from '../../test/fixtures/fixture.ts';
import { mutated } from '../../test/fuzzing/mutations.ts';
import { LINE, SCOPE_ID } from './settings.ts';

type Side = 'edna' | 'amocrm';

/** A request to the bridge, and the one answer it may get. */
export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly expected: 200 | 400 | 401 | 413;
  /** How many things it says that each stand alone. */
  readonly elements: number;
  /** Stands in the id of a message that is just as it should be, so that it must be in the journal afterwards. */
  readonly honest?: string;
}

/** Ids of the fixtures that each body gets its own of: else all but the first would be repeats. */
const NUMBER = 4_100_000_001;
const WORD = 'fuzz-0';
const PHONE = '79990000000';
/** So many clients write, so that lanes have more than one message in them. */
const CLIENTS = 3_000;
const BODY_BYTES = 1024 * 1024;
const BATCH = 500;

const BODIES = {
  edna: fixtureNames('edna').map((name) => withOwnIds(fixture('edna', name))),
  amocrm: fixtureNames('amocrm').map((name) => withOwnIds(fixture('amocrm', name))),
} as const;

/** Bodies that each become a message of their own, whatever else there is. */
const HONEST: Readonly<Record<Side, readonly string[]>> = {
  edna: ['incoming-text', 'incoming-image', 'incoming-location', 'simple-incoming'].map((name) =>
    JSON.stringify(withOwnIds(fixture('edna', name))),
  ),
  amocrm: ['v2-text', 'v2-file', 'flat'].map((name) =>
    JSON.stringify(withOwnIds(fixture('amocrm', name))),
  ),
};

/** Requests without end; the same seed gives the same ones. */
export function* posts(seed: number): Generator<Post> {
  for (let batch = 0; ; batch += 1) {
    const options = { seed: seed + batch, numRuns: BATCH };
    const draws = fc.sample(DRAW, options);
    for (const [i, draw] of draws.entries()) yield toPost(draw, batch * BATCH + i);
  }
}

interface Draw {
  readonly side: Side;
  readonly nearly: Readonly<Record<Side, string>>;
  readonly what: 'mutated' | 'honest' | 'bytes' | 'refused' | 'huge';
  readonly at: number;
  readonly byte: number;
  readonly type: string;
}

const DRAW: fc.Arbitrary<Draw> = fc.record({
  side: fc.constantFrom<Side>('edna', 'amocrm'),
  nearly: fc.record({ edna: mutated(BODIES.edna), amocrm: mutated(BODIES.amocrm) }),
  what: fc.oneof(
    { weight: 1600, arbitrary: fc.constant('mutated' as const) },
    { weight: 100, arbitrary: fc.constant('honest' as const) },
    { weight: 200, arbitrary: fc.constant('bytes' as const) },
    { weight: 100, arbitrary: fc.constant('refused' as const) },
    { weight: 1, arbitrary: fc.constant('huge' as const) },
  ),
  at: fc.nat(),
  byte: fc.nat(255),
  type: fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded', ''),
});

function toPost({ side, nearly, what, at, byte, type }: Draw, n: number): Post {
  const text = what === 'honest' ? (HONEST[side][at % HONEST[side].length] ?? '') : nearly[side];
  let body = Buffer.from(own(text, n));
  if (what === 'bytes' && body.length > 0) body[at % body.length] = byte;
  if (what === 'huge') body = Buffer.concat([body, Buffer.alloc(BODY_BYTES, ' ')]);
  const isOpen = what !== 'refused';
  const elements = elementsIn(side, body.toString('utf8'));
  const expected =
    body.length > BODY_BYTES ? 413 : !isOpen ? 401 : elements === undefined ? 400 : 200;
  return {
    path: side === 'edna' ? '/webhooks/edna' : `/webhooks/amocrm${at % 2 ? `/${SCOPE_ID}` : ''}`,
    headers: { ...(type && { 'Content-Type': type }), ...signed(side, body, isOpen) },
    body,
    expected,
    elements: elements ?? 0,
    ...(what === 'honest' && { honest: honestId(text, n) }),
  };
}

function signed(side: Side, body: Buffer, isRight: boolean): Record<string, string> {
  if (side === 'edna') return { Authorization: `Token ${LINE.token}${isRight ? '' : 'x'}` };
  const secret = isRight ? LINE.secret : randomBytes(20).toString('hex');
  return { 'X-Signature': createHmac('sha1', secret).update(body).digest('hex') };
}

function own(text: string, n: number): string {
  const client = String(Number(PHONE) + (n % CLIENTS));
  return text
    .replaceAll(String(NUMBER), String(NUMBER + n))
    .replaceAll(WORD, `fuzz-${n}-`)
    .replaceAll(PHONE, client);
}

function honestId(text: string, n: number): string {
  return text.includes(WORD) ? `fuzz-${n}-` : String(NUMBER + n);
}

/** A longer list is no batch of edna's, and is kept as one. */
const MOST_ELEMENTS = 1_000;

/** @returns undefined where it is no JSON */
function elementsIn(side: Side, text: string): number | undefined {
  try {
    const body: unknown = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
    const isList = side === 'edna' && Array.isArray(body) && body.length <= MOST_ELEMENTS;
    return isList ? body.length : 1;
  } catch {
    return undefined;
  }
}

/** The documented body, but of our line, and with ids and a client that can be told from those of any other. */
function withOwnIds(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withOwnIds);
  const copy = structuredClone(body) as Fields;
  const message = fieldsOf(copy['message']);
  const hook = fieldsOf(message['message']);
  const conversation = fieldsOf(message['conversation'] ?? copy['conversation']);
  const receiver = fieldsOf(message['receiver']);
  if (typeof copy['id'] === 'number') set(copy, 'id', NUMBER);
  else set(copy, 'id', WORD);
  set(hook['id'] === undefined ? message : hook, 'id', WORD);
  set(copy, 'account_id', LINE.accountId);
  set(copy, 'address', PHONE);
  set(fieldsOf(copy['subscriber']), 'identifier', PHONE);
  if ('fromClient' in copy) set(copy, 'subject', PHONE);
  set(conversation, 'id', `1f7b6c20-8d3e-4a95-b0c4-7${PHONE}`);
  set(conversation, 'client_id', `edna:71844:${PHONE}`);
  set(receiver, 'id', `e81d42f6-0b57-4c39-a2d8-5${PHONE}`);
  set(receiver, 'phone', PHONE);
  return copy;
}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** What is there becomes another one. */
function set(fields: Fields, key: string, value: string | number): void {
  if (fields[key] !== undefined && fields[key] !== null) fields[key] = value;
}
