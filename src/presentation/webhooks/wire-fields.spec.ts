import { validateSync } from 'class-validator';
import type { Event } from '../../domain/journal.js';
import { ignored } from './reading.js';
import {
  Address,
  Id,
  Loose,
  LoosePart,
  OptionalChannel,
  OptionalId,
  Part,
  readAs,
  Text,
} from './wire-fields.js';

class Inner {
  @Id()
  id: unknown;

  @Text()
  text?: unknown;
}

class Outer {
  @OptionalId()
  id?: unknown;

  @OptionalChannel()
  channel?: unknown;

  @Address()
  address: unknown;

  @Loose()
  loose?: unknown;

  @Part(() => Inner)
  part?: Inner;

  @LoosePart(() => Inner)
  loosePart?: Inner;
}

/** What is read of a body, or why nothing is. */
function read(body: Readonly<Record<string, unknown>>): unknown {
  let picked: unknown;
  const reading = readAs(Outer, body, (wire) => {
    picked = wire;
    return ignored('typing');
  });
  return reading.type === 'ignored' ? picked : (reading as Event & { reason: string }).reason;
}

describe('readAs', () => {
  it('reads the fields that are listed and no other', () => {
    const body = { address: '79995550142', loose: { a: 1 }, part: { id: 1, more: 2 }, other: 3 };
    expect(read(body)).toEqual({ address: '79995550142', loose: { a: 1 }, part: { id: 1 } });
  });

  it('takes null, an empty text and an empty array for nothing', () => {
    for (const none of [null, '', []]) {
      const body = {
        address: 1,
        id: none,
        channel: none,
        loose: none,
        part: none,
        loosePart: none,
      };
      expect(read(body)).toEqual({ address: 1 });
    }
  });

  it.each([
    [{}, 'address'],
    [{ address: '+' }, 'address'],
    [{ address: '()' }, 'address'],
    [{ address: 'x'.repeat(256) }, 'address'],
    [{ address: true }, 'address'],
    [{ address: 1, id: ' ' }, 'id'],
    [{ address: 1, id: {} }, 'id'],
    [{ address: 1, channel: 'a:b' }, 'channel'],
    [{ address: 1, part: 5 }, 'part'],
    [{ address: 1, part: [5] }, 'part'],
    [{ address: 1, part: {} }, 'part.id'],
    [{ address: 1, part: { id: 1, text: true } }, 'part.text'],
  ])('names the field that makes %j unreadable', (body, path) => {
    expect(read(body)).toBe(`invalid: ${path}`);
  });

  it('leaves out a loose part that is no object', () => {
    for (const loosePart of [5, 'x', true, [5]]) {
      expect(read({ address: 1, loosePart })).toEqual({ address: 1 });
    }
    expect(read({ address: 1, loosePart: { id: [1] } })).toEqual({
      address: 1,
      loosePart: { id: [1] },
    });
  });

  it('asks for what class-validator asks for', () => {
    const inner = Object.assign(new Inner(), { id: true });
    const outer = Object.assign(new Outer(), { address: 1, part: inner });
    expect(validateSync(outer)).toMatchObject([
      { property: 'part', children: [{ property: 'id' }] },
    ]);
  });
});
