/*
 * JSON as a tree whose leaves are text: unlike values, it holds a key twice, `__proto__` as a key like any other, and
 * numbers that no double can be.
 */

export type Tree = Leaf | List | Fields;

/** A piece of JSON to the letter. */
export interface Leaf {
  readonly kind: 'leaf';
  text: string;
}

export interface List {
  readonly kind: 'list';
  readonly slots: Slot[];
}

export interface Fields {
  readonly kind: 'fields';
  readonly slots: Slot[];
}

/** A place in a list or an object; in a list the key says nothing. */
export interface Slot {
  key: string;
  value: Tree;
}

export function leaf(text: string): Leaf {
  return { kind: 'leaf', text };
}

export function treeOf(value: unknown): Tree {
  if (typeof value !== 'object' || value === null) return leaf(JSON.stringify(value));
  const slots = Object.entries(value).map(([key, entry]): Slot => ({ key, value: treeOf(entry) }));
  return { kind: Array.isArray(value) ? 'list' : 'fields', slots };
}

export function copyOf(tree: Tree): Tree {
  if (tree.kind === 'leaf') return { ...tree };
  return { ...tree, slots: tree.slots.map(({ key, value }) => ({ key, value: copyOf(value) })) };
}

export function print(tree: Tree): string {
  if (tree.kind === 'leaf') return tree.text;
  if (tree.kind === 'list') return `[${tree.slots.map(({ value }) => print(value)).join(',')}]`;
  const fields = tree.slots.map(({ key, value }) => `${JSON.stringify(key)}:${print(value)}`);
  return `{${fields.join(',')}}`;
}

/** A slot, and what it stands in. */
export interface Place {
  readonly within: List | Fields;
  readonly slot: Slot;
}

/** Every place in a tree, from the outside in. */
export function placesIn(tree: Tree): Place[] {
  if (tree.kind === 'leaf') return [];
  return tree.slots.flatMap((slot) => [{ within: tree, slot }, ...placesIn(slot.value)]);
}
