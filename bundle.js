import { realpathSync } from 'node:fs';
import { build } from 'rolldown';

/*
 * The bridge and its modules in a few files: a start that looks 2,500 of them up takes three times as long. A restart
 * is time in which hooks that are sent once find nobody.
 */
/** @type {import('rolldown').BuildOptions} */
export const BRIDGE = {
  input: {
    main: 'build/main.js',
    cli: 'build/cli.js',
    'checkpoint.thread': 'build/infrastructure/journal/checkpoint.thread.js',
  },
  platform: 'node',
  external: [
    // Comes before the first decorator, whichever file that is in.
    'reflect-metadata',
    // Native, or files that are read from where they lie.
    'better-sqlite3',
    'swagger-ui-dist',
    // Loaded only with a bucket.
    /^@aws-sdk\//,
    // What Nest and others look for and do without.
    /^@nestjs\/(microservices|websockets)/,
    /^@fastify\//,
    'pg-native',
  ],
  // class-validator brings along what its IsPhoneNumber knows of all numbers, and nothing here asks it.
  resolve: { alias: { 'libphonenumber-js/max': 'libphonenumber-js/min' } },
  output: { dir: 'dist', cleanDir: true, keepNames: true, sourcemap: true },
};

// The bench bundles by these options what it compares the bridge with.
if (realpathSync(process.argv[1]) === import.meta.filename) await build(BRIDGE);
