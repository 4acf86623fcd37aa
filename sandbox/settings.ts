import { defaultAmojoSettings, type AmojoSettings } from './amojo/settings.ts';
import { defaultEdnaSettings, type EdnaSettings } from './edna/settings.ts';
import { isObject } from './json.ts';

/** Settings of both twins, as far as they are to differ from the defaults. */
export interface SettingsChange {
  readonly edna?: Partial<EdnaSettings>;
  readonly amojo?: Partial<AmojoSettings>;
}

/**
 * Checks names only: a misspelt setting would be taken and change nothing.
 * @throws {Error} naming every setting that does not exist
 */
export function settingsChange({
  edna,
  amojo,
}: {
  edna?: unknown;
  amojo?: unknown;
}): SettingsChange {
  const wrong = [
    ...unknownNames('edna', edna, defaultEdnaSettings()),
    ...unknownNames('amojo', amojo, defaultAmojoSettings()),
  ];
  if (wrong.length > 0) throw new Error(`no such setting: ${wrong.join(', ')}`);
  return { edna, amojo } as SettingsChange;
}

function unknownNames(twin: string, given: unknown, known: object): string[] {
  if (given === undefined) return [];
  if (!isObject(given)) return [twin];
  return Object.keys(given)
    .filter((name) => !(name in known))
    .map((name) => `${twin}.${name}`);
}
