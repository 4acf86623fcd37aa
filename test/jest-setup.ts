import { startPostgres, type PostgresServer } from './postgres.ts';

declare global {
  var specPostgres: PostgresServer | undefined;
}

/** One PostgreSQL for the whole run, unless TEST_DATABASE_URL names one. */
export default async function setup(): Promise<void> {
  if (process.env['TEST_DATABASE_URL']) return;
  globalThis.specPostgres = await startPostgres();
  process.env['TEST_DATABASE_URL'] = globalThis.specPostgres.url;
}
