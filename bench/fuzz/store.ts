import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { startPostgres } from '../../test/postgres.ts';
import type { Store } from './options.ts';

/** A store of the bridge's, and what is looked at in it once the bridge has ended. */
export interface FuzzStore {
  readonly url: string;
  rows(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  remove(): Promise<void>;
}

export function makeStore(kind: Store): Promise<FuzzStore> {
  return kind === 'sqlite' ? makeSqlite() : makePostgres();
}

async function makeSqlite(): Promise<FuzzStore> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-fuzz-'));
  const file = join(folder, 'bridge.db');
  return {
    url: `file:${file}`,
    rows: async (query) => {
      const database = new BetterSqlite3(file);
      try {
        return database.prepare(query).all() as Record<string, unknown>[];
      } finally {
        database.close();
      }
    },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** On the server of TEST_DATABASE_URL, or on one of its own. */
async function makePostgres(): Promise<FuzzStore> {
  const given = process.env['TEST_DATABASE_URL'];
  const server = given ? undefined : await startPostgres();
  const admin = given ?? server?.url ?? '';
  const name = `fuzz_${process.pid}_${Date.now()}`;
  await ask(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    rows: (query) => ask(url.href, query),
    remove: async () => {
      await ask(admin, `drop database if exists ${name} with (force)`);
      await server?.remove();
    },
  };
}

async function ask(url: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}
