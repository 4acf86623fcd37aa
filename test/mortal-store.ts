import {
  CompiledQuery,
  Kysely,
  PostgresQueryCompiler,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Driver,
} from 'kysely';
import type { Database } from '../src/infrastructure/journal/database.js';
import type { Schema } from '../src/infrastructure/journal/schema.js';

/** Thrown where a process would have ended: it does nothing more to any store, and tidies nothing up. */
export class Died extends Error {
  override readonly name = 'Died';
}

/** The stores that one process has open, and the moment of its end. */
export class Process {
  private isDead = false;

  /** @param around called with every statement, before and after; `die` ends it there */
  constructor(
    private readonly around: (
      store: 'sqlite' | 'postgres',
      when: 'before' | 'after',
      statement: string,
      die: () => never,
    ) => void | Promise<void>,
  ) {}

  /** The store as this process sees it; `close` is that of the store itself, as the system does it for the dead. */
  opens(database: Database): Database {
    const { name } = database.dialect;
    const step = async <T>(statement: string, run: () => Promise<T>): Promise<T> => {
      await this.reach(name, 'before', statement);
      const result = await run();
      await this.reach(name, 'after', statement);
      return result;
    };
    const db = new Kysely<Schema>({
      dialect: {
        createAdapter: () => database.db.getExecutor().adapter,
        createDriver: () => driverOf(database, step),
        createIntrospector: () => database.db.introspection,
        createQueryCompiler: () =>
          name === 'sqlite' ? new SqliteQueryCompiler() : new PostgresQueryCompiler(),
      },
    });
    return { ...database, db };
  }

  private async reach(
    store: 'sqlite' | 'postgres',
    when: 'before' | 'after',
    statement: string,
  ): Promise<void> {
    if (this.isDead) throw new Died();
    await this.around(store, when, statement, () => {
      this.isDead = true;
      throw new Died();
    });
  }
}

type Step = <T>(statement: string, run: () => Promise<T>) => Promise<T>;

function driverOf({ db }: Database, step: Step): Driver {
  const ends = new Map<DatabaseConnection, () => void>();
  const say = (connection: DatabaseConnection, word: string) =>
    connection.executeQuery(CompiledQuery.raw(word));
  return {
    init: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
    acquireConnection: () =>
      new Promise((resolve, reject) => {
        db.getExecutor()
          .provideConnection(
            (real) =>
              new Promise<void>((release) => {
                const connection: DatabaseConnection = {
                  executeQuery: (query) => step(query.sql, () => real.executeQuery(query)),
                  streamQuery: () => {
                    throw new Error('not here');
                  },
                };
                ends.set(connection, release);
                resolve(connection);
              }),
          )
          .catch(reject);
      }),
    releaseConnection: (connection) => {
      ends.get(connection)?.();
      ends.delete(connection);
      return Promise.resolve();
    },
    beginTransaction: async (connection) => void (await say(connection, 'begin')),
    commitTransaction: async (connection) => void (await say(connection, 'commit')),
    rollbackTransaction: async (connection) => void (await say(connection, 'rollback')),
  };
}
