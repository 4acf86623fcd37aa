import { readFileSync } from 'node:fs';

/* What the process was given, before anybody asks whether it is right. */

/**
 * The variables that are set. Empty means unset. Numbers are read only where they are digits: "12abc" and "1e3" are not.
 * @param fields an object with a field for each variable, which holds its default
 * @param secrets those that also come as `<NAME>_FILE`
 */
export function readVariables(
  variables: Readonly<Record<string, unknown>>,
  fields: object,
  secrets: readonly string[],
): {
  values: Record<string, string | number>;
  problems: string[];
} {
  const values: Record<string, string | number> = {};
  const problems: string[] = [];
  const defaults = new Map<string, unknown>(Object.entries(fields));
  const names = [...defaults.keys()];
  for (const name of names) {
    const said = textOf(variables[name]) ?? fromFile(name, variables, secrets, problems);
    const text = name === 'LANGUAGE' ? language(said) : said;
    if (text === undefined) continue;
    const isNumber = typeof defaults.get(name) === 'number' && /^\d+$/.test(text);
    values[name] = isNumber ? Number(text) : text;
  }
  return { values, problems };
}

/** Many systems set a LANGUAGE of their own: a list of locales, such as `en_US:en`. */
function language(text: string | undefined): string | undefined {
  if (text === undefined || !/[_:.@]/.test(text)) return text;
  const [known] = /^(ru|en)(?=[_:.@])/i.exec(text) ?? [];
  return known?.toLowerCase();
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? undefined : text;
}

function fromFile(
  name: string,
  variables: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
  problems: string[],
): string | undefined {
  const path = secrets.includes(name) ? textOf(variables[`${name}_FILE`]) : undefined;
  if (path === undefined) return undefined;
  try {
    return textOf(readFileSync(path, 'utf8'));
  } catch {
    problems.push(`${name}_FILE expects the path of a file that can be read`);
    return undefined;
  }
}
