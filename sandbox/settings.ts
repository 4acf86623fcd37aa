import { defaultAmojoSettings, type AmojoSettings } from './amojo/settings.ts';
import { defaultEdnaSettings, type EdnaSettings } from './edna/settings.ts';
import { isObject, type JsonObject } from './json.ts';

/** Settings of both twins, as far as they are to differ from the defaults. */
export interface SettingsChange {
  readonly edna?: Partial<EdnaSettings>;
  readonly amojo?: Partial<AmojoSettings>;
}

type Kind = 'array' | 'boolean' | 'null' | 'number' | 'object' | 'string' | 'undefined';

/** Settings that take more kinds of values than their default shows. */
const MORE_KINDS: Partial<Record<string, readonly Kind[]>> = {
  'edna.cascades': ['number'],
  'edna.statuses': ['string'],
  'edna.lockedChannel.error': ['null'],
  'edna.outsideWindow.error': ['string'],
  'amojo.slowQueue': ['object'],
  'amojo.disableHookUrl': ['string'],
};

/** Objects whose keys are no names of settings: each is taken whole. */
const TAKEN_WHOLE = ['edna.fates', 'amojo.slowQueue'];

/**
 * Checks the names and the kinds of values: a misspelt setting would be taken and change nothing,
 * and a text in place of a list would be found out much later. Which texts or numbers a setting
 * knows is not checked.
 * @throws {Error} naming every setting that does not exist or is of another kind
 */
export function settingsChange({
  edna,
  amojo,
}: {
  edna?: unknown;
  amojo?: unknown;
}): SettingsChange {
  const wrong = [
    ...(edna === undefined ? [] : mistakes('edna', edna, defaultEdnaSettings())),
    ...(amojo === undefined ? [] : mistakes('amojo', amojo, defaultAmojoSettings())),
  ];
  if (wrong.length > 0) throw new Error(wrong.join(', '));
  return { edna, amojo } as SettingsChange;
}

/** Changes settings: of a setting that is an object, the keys that are given. */
export function applySettings<T extends EdnaSettings | AmojoSettings>(
  settings: T,
  change: Partial<T> = {},
): void {
  for (const [name, value] of Object.entries(change)) {
    const current: unknown = Reflect.get(settings, name);
    const isWhole = TAKEN_WHOLE.some((path) => path.endsWith(`.${name}`));
    const merged = isObject(current) && isObject(value) && !isWhole;
    Reflect.set(settings, name, merged ? { ...current, ...value } : value);
  }
}

/** What is wrong with a value at a path, such as `edna.delaysMs`, compared with the default. */
function mistakes(path: string, given: unknown, known: unknown): string[] {
  const kinds = [kindOf(known), ...(MORE_KINDS[path] ?? [])];
  if (!kinds.includes(kindOf(given))) return [`${path} is ${kinds.join(' or ')}`];
  if (Array.isArray(given) && Array.isArray(known)) return mistakesInside(path, given, known);
  if (!isObject(given) || !isObject(known) || TAKEN_WHOLE.includes(path)) return [];
  return Object.entries(given).flatMap(([name, value]) => mistakesAt(path, name, value, known));
}

function mistakesAt(path: string, name: string, value: unknown, known: JsonObject): string[] {
  if (!Object.hasOwn(known, name)) return [`no such setting: ${path}.${name}`];
  return mistakes(`${path}.${name}`, value, known[name]);
}

/** The items of a list are of one kind, which is known where the default has any. */
function mistakesInside(path: string, given: unknown[], [sample]: unknown[]): string[] {
  const isWrong = sample !== undefined && given.some((item) => kindOf(item) !== kindOf(sample));
  return isWrong ? [`${path} is a list of ${kindOf(sample)}s`] : [];
}

function kindOf(value: unknown): Kind {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : (typeof value as Kind);
}
