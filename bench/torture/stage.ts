import type { PostgresServer } from '../../test/postgres.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Replica } from './replica.ts';

/** What can be broken. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly replicas: readonly Replica[];
  /** Absent on SQLite. */
  readonly postgres?: PostgresServer;
  /** Where the store's files lie. */
  readonly storeFolder: string;
  /** Prints a line for whoever watches. */
  readonly say: (line: string) => void;
}
