import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase } from '../src/infrastructure/journal/database.js';

/*
 * Stores with the tables of the bridge and nothing in them. Making the tables takes longer than most specs, so it is
 * done once for a suite: files are copied, databases are emptied and lent again.
 */

export interface FreshDatabase {
  readonly url: string;
  /** Gives it back, whoever is still connected. */
  readonly drop: () => Promise<void>;
}

interface Shelf {
  readonly all: string[];
  readonly free: string[];
}

/** By the server. */
const shelves = new Map<string, Shelf>();
const folders: string[] = [];
let template: Promise<string> | undefined;

afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  for (const [serverUrl, { all }] of shelves) {
    await asAdmin(
      serverUrl,
      all.map((name) => `drop database if exists ${name} with (force)`),
    );
  }
});

/** A PostgreSQL database of its own on a server, so that specs do not meet. */
export async function freshDatabase(
  serverUrl = process.env['TEST_DATABASE_URL'] ?? '',
): Promise<FreshDatabase> {
  const shelf = shelves.get(serverUrl) ?? { all: [], free: [] };
  shelves.set(serverUrl, shelf);
  const name = shelf.free.pop() ?? (await make(serverUrl, shelf));
  const url = urlOf(serverUrl, name);
  return {
    url,
    drop: async () => {
      await empty(serverUrl, name);
      shelf.free.push(name);
    },
  };
}

export interface FastDatabase extends FreshDatabase {
  /** Its clock jumps ahead. */
  readonly leap: (ms: number) => Promise<void>;
}

/**
 * One whose clock runs so many times faster, as SQLite's journal does in end-to-end specs: what is unqualified is looked
 * for in the schema of the bridge first.
 */
export async function fastDatabase(
  speed: number,
  serverUrl = process.env['TEST_DATABASE_URL'] ?? '',
): Promise<FastDatabase> {
  const fresh = await freshDatabase(serverUrl);
  const began = new Date().toISOString();
  let aheadMs = 0;
  const set = () =>
    asAdmin(fresh.url, [
      `create or replace function public.clock_timestamp() returns timestamptz language sql volatile as
         $$ select '${began}'::timestamptz + ${aheadMs} * interval '1 ms'
              + (pg_catalog.clock_timestamp() - '${began}'::timestamptz) * ${speed} $$`,
      `alter database ${new URL(fresh.url).pathname.slice(1)} set search_path = public, pg_catalog`,
    ]);
  await set();
  return {
    ...fresh,
    leap: (ms) => {
      aheadMs += ms;
      return set();
    },
  };
}

/** One without tables, as an operator makes it. */
export async function emptyDatabase(
  serverUrl = process.env['TEST_DATABASE_URL'] ?? '',
): Promise<FreshDatabase> {
  const name = newName();
  await asAdmin(serverUrl, [`create database ${name}`]);
  const drop = () => asAdmin(serverUrl, [`drop database if exists ${name} with (force)`]);
  return { url: urlOf(serverUrl, name), drop };
}

/** A SQLite file in this folder. */
export async function freshFile(folder: string): Promise<string> {
  template ??= (async () => {
    const own = mkdtempSync(join(tmpdir(), 'bridge-template-'));
    folders.push(own);
    const path = join(own, 'bridge.db');
    await (await openDatabase(`file:${path}`)).close();
    return path;
  })();
  const path = join(folder, 'bridge.db');
  copyFileSync(await template, path);
  return path;
}

async function make(serverUrl: string, { all }: Shelf): Promise<string> {
  const name = newName();
  await asAdmin(serverUrl, [`create database ${name}`]);
  all.push(name);
  await (await openDatabase(urlOf(serverUrl, name))).close();
  return name;
}

/** As it was when its tables had been made. Whoever is still connected, or comes meanwhile, is turned away. */
async function empty(serverUrl: string, name: string): Promise<void> {
  await asAdmin(serverUrl, [`alter database ${name} with allow_connections true`]);
  await connected(urlOf(serverUrl, name), async (inside) => {
    await asAdmin(serverUrl, [`alter database ${name} with allow_connections false`]);
    await inside.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = '${name}' and pid <> pg_backend_pid()`);
    await inside.query(
      `do $$ begin execute (select 'truncate ' || string_agg(quote_ident(tablename), ',') || ' restart identity'
         from pg_tables where schemaname = 'public' and tablename not like 'kysely%'); end $$`,
    );
  });
  await asAdmin(serverUrl, [
    `alter database ${name} reset all`,
    `alter database ${name} with allow_connections true`,
  ]);
}

function newName(): string {
  return `spec_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
}

function urlOf(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function asAdmin(url: string, statements: readonly string[]): Promise<void> {
  await connected(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

async function connected(url: string, act: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}
