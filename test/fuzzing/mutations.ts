import fc from 'fast-check';
import { copyOf, leaf, placesIn, print, treeOf, type Place, type Tree } from './json-tree.ts';

/* Bodies that are nearly what the platforms send. */

/** What a body may hold where something else belongs, as JSON text. */
// oxfmt-ignore
const STRANGE: readonly string[] = [
  'null', 'true', 'false', '[]', '{}', '[null]', '[[]]', '[{}]', '""', '" "',
  // Numbers that are no ids, and ids that are no numbers of JavaScript's.
  '0', '-0', '-1', '1.5', '1e308', '1e400', '-1e400', '9007199254740993', '18446744073709551616',
  // Moments that no calendar has, and some before and after every clock.
  '-62135596800', '8640000000000001', '253402300800', '1772529480310', '1e22',
  '"2026-02-30T25:61:61Z"', '"0000-00-00T00:00:00Z"', '"9999-12-31T23:59:59.999999999Z"',
  '"2026-02-28T10:00:00+99:99"', '"+275760-09-13T00:00:01Z"',
  // Addresses that are none.
  '"https://"', '"https://[::1"', '"https://x/%zz.pdf"', '"https://x/%FF"', '"javascript:1"',
  '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"a\\u0000b"', '"\\u202e\\ufeff"',
  // Ids of ours where none should be.
  '"edna:71844:1"', '"edna::"', '"amo:1"', '"api:1"', '"edna:7:7:notice"', '"1:2"',
];

/** What String(), Number() and a lookup by key trip over. */
// oxfmt-ignore
const TRIPS: readonly string[] = [
  '{"toString":1,"valueOf":1}', '[{"toString":1}]', '{"length":3}', '["__proto__"]',
  '{"__proto__":{"id":1}}', '{"constructor":{"prototype":1}}', '{"toJSON":1}',
  '"__proto__"', '"constructor"', '"toString"', '"hasOwnProperty"',
];

const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'];
const PIECES = ['\0', '\ud800', '\udc00', '\u2028', '"', '\\', '\r\n', '👨‍👩‍👧‍👦', ':', '%', ' '];

/** Long enough for every limit of a field there is, and short enough for a thousand of them. */
const HUGE = 20_000;
const DEEP = 3_000;

const strange: fc.Arbitrary<Tree> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...STRANGE).map(leaf) },
  { weight: 3, arbitrary: fc.constantFrom(...TRIPS).map(leaf) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }).map(leaf) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('x', '9', 'ж', '👋', ' ', '\n'), fc.integer({ min: 200, max: HUGE }))
      .map(([letter, times]) => leaf(JSON.stringify(letter.repeat(times)))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}']), fc.integer({ min: 2, max: DEEP }))
      .map(([[open = '', close = ''], depth]) =>
        leaf(`${open.repeat(depth)}${open === '[' ? '' : '1'}${close.repeat(depth)}`),
      ),
  },
);

/** One thing done to a body; places are counted through all of it, round and round. */
type Edit =
  | { readonly does: 'drop' | 'repeat'; readonly at: number }
  | { readonly does: 'replace'; readonly at: number; readonly by: Tree }
  | { readonly does: 'swap' | 'copy'; readonly at: number; readonly with: number }
  | { readonly does: 'nest'; readonly at: number; readonly key: string | undefined }
  | { readonly does: 'rename'; readonly at: number; readonly key: string }
  | { readonly does: 'spoil'; readonly at: number; readonly by: string; readonly where: number };

const at = fc.nat(500);
const EDIT: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ does: fc.constantFrom('drop', 'repeat'), at }),
  { weight: 4, arbitrary: fc.record({ does: fc.constant('replace'), at, by: strange }) },
  fc.record({ does: fc.constantFrom('swap', 'copy'), at, with: at }),
  fc.record({
    does: fc.constant('nest'),
    at,
    key: fc.option(fc.constantFrom('a', 'message', 'payload', '0'), { nil: undefined }),
  }),
  fc.record({ does: fc.constant('rename'), at, key: fc.constantFrom(...KEYS) }),
  fc.record({ does: fc.constant('spoil'), at, by: fc.constantFrom(...PIECES), where: fc.nat(60) }),
);

/** One of the bodies with a few things done to it, as JSON text. The same edits do the same to the same body. */
export function mutated(bodies: readonly unknown[], most = 4): fc.Arbitrary<string> {
  const trees = bodies.map(treeOf);
  return fc
    .tuple(fc.nat(trees.length - 1), fc.array(EDIT, { minLength: 1, maxLength: most }))
    .map(([which, edits]) => {
      // Within a list of its own, so that the body itself has a place, too.
      const whole: Tree = {
        kind: 'list',
        slots: [{ key: '', value: copyOf(trees[which] as Tree) }],
      };
      for (const edit of edits) apply(edit, placesIn(whole));
      return whole.slots.map(({ value }) => print(value))[0] ?? 'null';
    });
}

/** Any JSON there is, as text. */
export const anyJson: fc.Arbitrary<string> = fc.oneof(fc.json({ maxDepth: 4 }), strange.map(print));

function apply(edit: Edit, places: readonly Place[]): void {
  const place = places[edit.at % places.length];
  if (!place) return;
  const { within, slot } = place;
  const index = within.slots.indexOf(slot);
  switch (edit.does) {
    case 'drop':
      within.slots.splice(index, 1);
      return;
    case 'repeat':
      within.slots.splice(index, 0, { key: slot.key, value: copyOf(slot.value) });
      return;
    case 'replace':
      slot.value = copyOf(edit.by);
      return;
    case 'swap':
    case 'copy': {
      const other = places[edit.with % places.length]?.slot;
      if (!other) return;
      // Copies: one of the two may lie within the other.
      const [mine, theirs] = [copyOf(slot.value), copyOf(other.value)];
      slot.value = theirs;
      if (edit.does === 'swap') other.value = mine;
      return;
    }
    case 'nest': {
      const inner = { key: edit.key ?? '', value: slot.value };
      slot.value = { kind: edit.key === undefined ? 'list' : 'fields', slots: [inner] };
      return;
    }
    case 'rename':
      slot.key = edit.key;
      return;
    case 'spoil':
      slot.value = spoilt(slot.value, edit.by, edit.where);
  }
}

function spoilt(tree: Tree, by: string, where: number): Tree {
  if (tree.kind !== 'leaf' || !tree.text.startsWith('"')) return tree;
  const text = JSON.parse(tree.text) as string;
  const place = where % (text.length + 1);
  return leaf(JSON.stringify(text.slice(0, place) + by + text.slice(place)));
}
