import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const RULE = 'eslint(no-restricted-imports)';

/** Imports that break a rule of the layers, each in the file it is planted in. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  'src/domain/planted.ts': [
    'axios',
    '@nestjs/common',
    'node:fs',
    '../use-cases/route-inbound.js',
    '../infrastructure/http.js',
    '../presentation/meter.js',
    '../config.js',
    '../../sandbox/sandbox.ts',
  ],
  'src/use-cases/planted.ts': [
    '@nestjs/core',
    '@nestjs/config',
    'axios',
    'node:crypto',
    '../infrastructure/http.js',
    '../infrastructure/journal/journal.js',
    '../presentation/meter.js',
    '../presentation/dispatcher/alarm.js',
    '../config.js',
    '../domain/../infrastructure/http.js',
    '../../sandbox/sandbox.ts',
  ],
  'src/infrastructure/planted.ts': [
    '../presentation/meter.js',
    '../use-cases/route-inbound.js',
    '../../sandbox/sandbox.ts',
    '../../test/builders.js',
  ],
  'src/infrastructure/edna/planted.ts': [
    '../../presentation/webhooks/json.js',
    '../../use-cases/done.js',
  ],
  'src/presentation/planted.ts': [
    '../infrastructure/http.js',
    '../../sandbox/sandbox.ts',
    '../../test/builders.js',
  ],
  'src/presentation/webhooks/planted.ts': ['../../infrastructure/journal/journal.js'],
  'src/planted.ts': ['../sandbox/sandbox.ts', '../test/builders.js', '../bench/torture.ts'],
  'sandbox/planted.ts': ['../src/domain/ids.ts', '../dist/main.js', '../build/main.js'],
  'bench/planted.ts': ['../src/domain/ids.ts', '../dist/main.js', '../build/main.js'],
  'widget/planted.ts': ['../src/domain/ids.ts', '../dist/main.js', '../build/main.js'],
  'sandbox/edna/planted.ts': ['../../src/infrastructure/edna/edna.wire.ts'],
};

/** Imports that keep the rules. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/domain/other.ts': ['./message.js'],
  'src/domain/ids.ts': ['node:crypto'],
  'src/domain/other.spec.ts': ['../../test/builders.js', 'node:fs'],
  'src/use-cases/other.ts': ['./done.js', '../domain/message.js', '@nestjs/common'],
  'src/infrastructure/other.ts': ['axios', 'node:fs', './json.js', '../domain/ids.js'],
  'src/infrastructure/edna/other.ts': ['../http.js', '../../domain/ids.js', '../../config.js'],
  'src/presentation/other.ts': ['express', '../use-cases/done.js', '../domain/ids.js'],
  'src/presentation/other.spec.ts': ['../infrastructure/http.js', '../../test/builders.js'],
  'src/other.module.ts': ['./infrastructure/http.js', './presentation/meter.js'],
  'sandbox/other.ts': ['node:http', './ledger.ts'],
  'bench/other.ts': [
    'node:net',
    './torture/verdict.ts',
    '../sandbox/sandbox.ts',
    '../test/postgres.ts',
  ],
  'widget/other.ts': ['node:fs', './check.ts', '../sandbox/sandbox.ts'],
};

interface Found {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

describe('the linter', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-layers-'));
    copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function plant(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }

  /** One import a line, so that a finding tells which one it is about. */
  function plantImports(
    table: Readonly<Record<string, readonly string[]>>,
    form: (from: string, n: number) => string,
  ): void {
    for (const [file, imports] of Object.entries(table)) {
      plant(file, imports.map((from, n) => `${form(from, n)}\n`).join(''));
    }
  }

  function lint(): Promise<readonly Found[]> {
    const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
    return new Promise((resolve, reject) => {
      execFile(oxlint, ['--format', 'json'], { cwd: folder }, (_, stdout, stderr) => {
        try {
          resolve((JSON.parse(stdout) as { diagnostics: readonly Found[] }).diagnostics);
        } catch {
          reject(new Error(`oxlint said no JSON: ${stdout}${stderr}`));
        }
      });
    });
  }

  /** As the tables have them: `<file> <import>`. */
  async function red(table: Readonly<Record<string, readonly string[]>>): Promise<string[]> {
    return (await lint())
      .filter(({ code }) => code === RULE)
      .map(({ filename, labels }) => {
        const line = labels[0]?.span.line ?? 0;
        return `${filename} ${table[filename]?.[line - 1]}`;
      })
      .toSorted();
  }
  const pairs = (table: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(table)
      .flatMap(([file, imports]) => imports.map((from) => `${file} ${from}`))
      .toSorted();

  it.each<[string, (from: string, n: number) => string]>([
    ['import', (from, n) => `import { a as b${n} } from '${from}'; b${n}();`],
    [
      'type import',
      (from, n) => `import type { A as B${n} } from '${from}'; export type C${n} = B${n};`,
    ],
    ['export', (from, n) => `export { a as b${n} } from '${from}';`],
    ['import() at run time', (from, n) => `export const b${n} = () => import('${from}');`],
  ])('sees every forbidden %s, one layer at a time', async (_, form) => {
    plantImports(FORBIDDEN, form);
    expect(await red(FORBIDDEN)).toEqual(pairs(FORBIDDEN));
  });

  it('leaves alone what is allowed', async () => {
    plantImports(ALLOWED, (from, n) => `export { a as b${n} } from '${from}';`);
    expect(await red(ALLOWED)).toEqual([]);
  });

  it('sees node:crypto in the domain, outside of ids.ts', async () => {
    const table = { 'src/domain/planted.ts': ['node:crypto'] };
    plantImports(table, (from) => `export { createHash } from '${from}';`);
    expect(await red(table)).toEqual(pairs(table));
  });

  it('sees a circle', async () => {
    plant('src/domain/a.ts', `import { b } from './b.js';\nexport const a = () => b;\n`);
    plant('src/domain/b.ts', `import { a } from './a.js';\nexport const b = () => a;\n`);
    const found = (await lint()).filter(({ code }) => code === 'import(no-cycle)');
    expect(found.map(({ filename }) => filename).toSorted()).toEqual([
      'src/domain/a.ts',
      'src/domain/b.ts',
    ]);
  });

  it('sees an any', async () => {
    plant('src/presentation/planted.ts', 'export const a = (b: any) => String(b);\n');
    expect((await lint()).map(({ code }) => code)).toEqual(['typescript(no-explicit-any)']);
  });
});
