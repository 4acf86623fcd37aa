import { aLine, aPost } from '../../../test/builders.ts';
import { fixture, fixtureNames } from '../../../test/fixtures/fixture.ts';
import { Lines } from '../../domain/line.js';
import { toEvent as fromAmocrm } from './amocrm-webhook.mapper.js';
import { toEvents as fromEdna } from './edna-webhook.mapper.js';
import { readJson } from './json.js';

const AT = new Date('2026-11-20T12:00:00Z');
const LINES = new Lines([aLine()]);
const MAPPERS = {
  edna: (body: unknown) => fromEdna(body, aPost(AT))[0]!,
  amocrm: (body: unknown) => fromAmocrm(body, { lines: LINES, signers: LINES.all, at: AT }),
} as const;

const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

/** Each as JSON.parse gives it, `__proto__` and `toString` included: such keys come from outside. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '',
  ' ',
  'x',
  '\u0000\uD800',
  [],
  [[]],
  [null],
  [{}],
  [[[1]]],
  {},
  { id: {} },
  JSON.parse('{"__proto__":{"id":1},"constructor":1,"toString":1,"valueOf":1,"length":5}'),
  deep(5_000),
];

/** The body once for each place in it, with something strange in that place. */
function* withStrange(body: unknown): Generator<unknown> {
  for (const strange of STRANGE) yield strange;
  if (typeof body !== 'object' || body === null) return;
  for (const [key, value] of Object.entries(body)) {
    const rest = Object.entries(body).filter(([other]) => other !== key);
    const again = (entry: unknown) =>
      Array.isArray(body) ? [entry] : Object.fromEntries([...rest, [key, entry]]);
    yield again(undefined);
    for (const strange of withStrange(value)) yield again(strange);
  }
}

const TYPES = new Set(['inbound', 'outbound', 'receipt', 'note', 'quarantine', 'ignored']);

describe.each(['edna', 'amocrm'] as const)('strange bodies at the webhook of %s', (side) => {
  it.each(fixtureNames(side))('are all made something of: %s', (name) => {
    const bodies = fixture(side, name);
    let count = 0;
    for (const body of [bodies].flat()) {
      for (const strange of withStrange(body)) {
        const event = MAPPERS[side](strange);
        if (!TYPES.has(event.type))
          throw new Error(`nothing was made of ${JSON.stringify(strange)}`);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(50);
  });

  it('say the same however many fields we do not know are beside', () => {
    for (const name of fixtureNames(side)) {
      for (const body of [fixture(side, name)].flat() as object[]) {
        expect(MAPPERS[side]({ ...body, xNew: { a: [1] }, xFlag: null })).toEqual(
          MAPPERS[side](body),
        );
      }
    }
  });

  it('take no key from what every object has', () => {
    const body = readJson(
      Buffer.from('{"__proto__":{"messageContent":{},"message":{"message":{}}}}'),
    );
    expect(MAPPERS[side](body)).toEqual({ type: 'quarantine', reason: 'unknown-shape' });
  });
});
