import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Jest looks up, reads and compiles every module of every package anew for each suite, and those of the bridge come to
 * 2,300: up to a second for each suite that has Nest in it. Bundled, they are thirty files.
 */

/** Bundled under these names; all others are loaded from where they lie, native modules among them. */
const MODULES = [
  '@aws-sdk/client-s3',
  '@aws-sdk/lib-storage',
  '@nestjs/common',
  '@nestjs/config',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/swagger',
  '@nestjs/testing',
  'axios',
  'class-transformer',
  'class-validator',
  'express',
  'jose',
  'kysely',
  'kysely/migration',
  'libphonenumber-js/min',
  'nestjs-pino',
  'pg',
  'prom-client',
  'rxjs',
  'supertest',
  'yaml',
  'zod',
];

const ROOT = join(import.meta.dirname, '..');
/** Goes with the packages it is made of, and is another one for others: a run that goes on keeps its own. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'spec-modules', stamp());

/** For jest's `moduleNameMapper`. */
export const bundled: Readonly<Record<string, string>> = Object.fromEntries(
  MODULES.map((name) => [`^${name}$`, join(FOLDER, `${entryName(name)}.js`)]),
);

/** Makes what `bundled` names, unless it is there already. */
export async function bundleModules(): Promise<void> {
  if (existsSync(FOLDER)) return;
  // Whole, or not there: another run may begin meanwhile, and this one may be ended.
  const half = `${FOLDER}.${process.pid}`;
  const { build } = await import('rolldown');
  const entries = new Map<string, string>();
  for (const name of MODULES) entries.set(`entry:${name}`, await entryOf(name));
  await build({
    input: Object.fromEntries(MODULES.map((name) => [entryName(name), `entry:${name}`])),
    cwd: ROOT,
    platform: 'node',
    external: [
      // Comes before the first decorator, whichever file that is in.
      'reflect-metadata',
      'pg-native',
      'swagger-ui-dist',
      /^@nestjs\/(microservices|websockets)/,
      /^@fastify\//,
    ],
    plugins: [
      {
        name: 'entries',
        resolveId: (id) => (entries.has(id) ? id : null),
        load: (id) => entries.get(id) ?? null,
      },
    ],
    // Without what is there for readers: each suite reads it anew. Names stay, which Nest goes by.
    output: {
      dir: half,
      cleanDir: true,
      keepNames: true,
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    },
  });
  writeFileSync(join(half, 'package.json'), '{ "type": "module" }');
  try {
    renameSync(half, FOLDER);
  } catch (error) {
    rmSync(half, { recursive: true });
    if (!existsSync(FOLDER)) throw error;
  }
}

/** What they are made of, in short. */
function stamp(): string {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'test/spec-modules.ts'])
    hash.update(readFileSync(join(ROOT, file)));
  return hash.digest('hex').slice(0, 16);
}

/** All that a package exports, name by name: what CommonJS exports is known once it has run. */
async function entryOf(name: string): Promise<string> {
  const names = Object.keys((await import(name)) as object).filter(
    (each) => each !== 'module.exports',
  );
  return `export { ${names.join(', ')} } from '${name}';`;
}

function entryName(name: string): string {
  return name.replace(/\W+/g, '-').replace(/^-/, '');
}
