import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { LineCounter, parseDocument, visit, type Document } from 'yaml';
import { ConfigError } from './config-error.js';
import type { LineSettings } from './line-settings.js';
import { clashesOf } from './lines-clashes.js';
import { FileOfLines, toSettings, type LineDefaults } from './lines-file.wire.js';

/** Where something stands in the file: keys and places in lists. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly path: Path;
  readonly what: string;
}

/** These also come as `<name>_file`: the path of a file that holds the value, from the folder of the file of lines. */
const SECRETS = ['api_key', 'webhook_token', 'channel_secret', 'token'];

/**
 * The lines that a YAML file describes: all of them, or none.
 * @param defaults what a line takes that says nothing of it
 * @throws {ConfigError} with each mistake by its line, its column and its path; never a value
 */
export function readLines(path: string, defaults: LineDefaults): readonly LineSettings[] {
  const counter = new LineCounter();
  const document = parseDocument(textOf(path), { lineCounter: counter, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return `LINES_FILE line ${line}, column ${col}`;
  };
  const broken = document.errors.map(({ pos, code }) => `${at(pos[0])}: is no YAML (${code})`);
  if (broken.length > 0) throw new ConfigError(broken);

  const problems: Problem[] = [];
  const plain = withSecrets(plainOf(document), dirname(path), problems);
  const file = plainToInstance(FileOfLines, plain);
  problems.push(...validateSync(file, STRICT).flatMap((error) => problemsOf(error)));
  const lines = problems.length > 0 ? [] : file.lines.map((line) => toSettings(line, defaults));
  problems.push(...clashesOf(lines));
  if (problems.length === 0) return lines;
  const placed = problems.map((problem) => ({
    ...problem,
    offset: offsetOf(document, problem.path),
  }));
  placed.sort((one, other) => one.offset - other.offset);
  throw new ConfigError(
    placed.map(({ offset, path: of, what }) => `${at(offset)}: ${written(of)} ${what}`),
  );
}

const STRICT = { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true };

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(['LINES_FILE expects the path of a file that can be read']);
  }
}

/** YAML's own aliases may lead in a circle, or grow beyond all bounds. */
function plainOf(document: Document): unknown {
  asWritten(document);
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? {}));
  } catch {
    throw new ConfigError(['LINES_FILE has YAML aliases that lead too far']);
  }
}

/** A token of digits is a text: what YAML would not write back as it stands was not meant as a number. */
function asWritten(document: Document): void {
  visit(document, {
    Scalar: (_, node) => {
      const { value, source } = node;
      const isOther = typeof value === 'number' && source !== undefined && String(value) !== source;
      if (isOther) node.value = source;
    },
  });
}

function withSecrets(plain: unknown, folder: string, problems: Problem[]): unknown {
  const { lines } = isFields(plain) ? plain : {};
  if (!isFields(plain) || !Array.isArray(lines)) return isFields(plain) ? plain : {};
  const read = (side: unknown, path: Path): unknown =>
    isFields(side) ? Object.fromEntries(entriesOf(side, path, folder, problems)) : side;
  return {
    ...plain,
    lines: lines.map((line: unknown, i) =>
      isFields(line)
        ? {
            ...line,
            edna: read(line.edna, ['lines', i, 'edna']),
            amocrm: read(line.amocrm, ['lines', i, 'amocrm']),
          }
        : line,
    ),
  };
}

function entriesOf(
  side: Record<string, unknown>,
  path: Path,
  folder: string,
  problems: Problem[],
): (readonly [string, unknown])[] {
  return Object.entries(side).map(([key, value]) => {
    const name = key.replace(/_file$/, '');
    if (name === key || !SECRETS.includes(name)) return [key, value] as const;
    try {
      if (side[name] !== undefined) throw new Error('twice');
      return [name, readFileSync(resolve(folder, String(value)), 'utf8').trim()] as const;
    } catch {
      const what = `expects the path of a file that can be read, and no ${name} beside it`;
      problems.push({ path: [...path, key], what });
      // What it would have held is not missed as well.
      return [name, side[name] ?? '-'] as const;
    }
  });
}

function problemsOf(error: ValidationError, before: Path = []): Problem[] {
  const index = /^\d+$/.test(error.property) ? Number(error.property) : error.property;
  const path = [...before, index];
  const [code, what] = Object.entries(error.constraints ?? {})[0] ?? [];
  const own = code === 'whitelistValidation' ? 'is no setting' : what;
  return [
    ...(own === undefined ? [] : [{ path, what: own }]),
    ...(error.children ?? []).flatMap((child) => problemsOf(child, path)),
  ];
}

/** Of the key, or of the nearest thing around it that is there. */
function offsetOf(document: Document, path: Path): number {
  for (let end = path.length; end > 0; end -= 1) {
    const node: unknown = document.getIn(path.slice(0, end), true);
    if (isFields(node) && Array.isArray(node.range)) return Number(node.range[0]);
  }
  return 0;
}

/** `lines[0].edna.api_key` */
function written(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
