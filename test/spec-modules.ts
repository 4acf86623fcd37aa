import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Jest looks up, reads and compiles every module of every package anew for each suite, and those of the bridge come to
 * 2,300: up to a second for each suite that has Nest in it. Bundled, they are thirty files.
 */

/** Bundled under these names; all others are loaded from where they lie, native modules among them. */
const MODULES = [
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
  'prom-client',
  'rxjs',
  'supertest',
  'yaml',
  'zod',
];

const ROOT = join(import.meta.dirname, '..');
/** Goes with the packages it is made of. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'spec-modules');

/** For jest's `moduleNameMapper`. */
export const bundled: Readonly<Record<string, string>> = Object.fromEntries(
  MODULES.map((name) => [`^${name}$`, join(FOLDER, `${entryName(name)}.js`)]),
);

/** Makes what `bundled` names, unless it is there already. */
export async function bundleModules(): Promise<void> {
  const stamp = createHash('sha256');
  for (const file of ['package-lock.json', 'test/spec-modules.ts'])
    stamp.update(readFileSync(join(ROOT, file)));
  const made = stamp.digest('hex');
  const stampFile = join(FOLDER, 'stamp');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === made) return;

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
    output: { dir: FOLDER, cleanDir: true, keepNames: true },
  });
  writeFileSync(join(FOLDER, 'package.json'), '{ "type": "module" }');
  writeFileSync(stampFile, made);
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
