import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely';
import type { JournalClock } from './clock.js';

/** Everything in which the two stores differ. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** The journal's clock, as SQL. */
  now(): Expression<number>;
  /**
   * Rows of values as a table: the SQL is the same however many there are, so it is prepared once.
   * Columns are named and typed by `types`; a column missing in a row is null.
   */
  rows<Columns extends Record<string, 'int' | 'text'>>(
    alias: string,
    types: Columns,
    values: readonly Partial<Record<keyof Columns, number | string | null | undefined>>[],
  ): RawBuilder<unknown>;
  /**
   * Whether a column has one of these values: the SQL is the same however many there are.
   * @param column of ids, or of texts
   */
  oneOf(
    column: string,
    type: 'int' | 'text',
    values: readonly (number | string)[],
  ): RawBuilder<SqlBool>;
  /** For each row of the table before it, the messages that `query` finds for it. */
  forEachRow(alias: string, query: RawBuilder<unknown>): RawBuilder<unknown>;
  /** For each row of the table before it, the lanes that `from lane …` finds for it, locked; others' are passed over. */
  lanesOfEach(alias: string, found: RawBuilder<unknown>): RawBuilder<unknown>;
  /** At the end of a select: locks what it finds and passes over what others have locked. */
  readonly skipLocked: RawBuilder<unknown>;
  /** At the end of a select: waits for what others have locked. */
  forUpdate(table: string): RawBuilder<unknown>;
  /** Begins a transaction that is going to write. */
  readonly begin: string;
  /** The transaction met another one and may be repeated. */
  isConflict(error: unknown): boolean;
  /** The store refused what it was given; everything else means that it cannot commit at all. */
  isRefusal(error: unknown): boolean;
  readonly types: ColumnTypes;
}

export interface ColumnTypes {
  readonly id: string;
  readonly int: string;
  readonly text: string;
  readonly bytes: string;
}

export function sqliteDialect(clock: JournalClock): Dialect {
  return {
    name: 'sqlite',
    now: () => sql.val(clock.now()),
    rows: (alias, types, values) => {
      const columns = Object.keys(types);
      const picked = columns.map((column, i) => sql`value ->> ${sql.lit(i)} as ${sql.ref(column)}`);
      const json = JSON.stringify(
        values.map((row) => columns.map((column) => row[column] ?? null)),
      );
      return sql`(select ${sql.join(picked)} from json_each(${json})) as ${sql.ref(alias)}`;
    },
    oneOf: (column, _type, values) =>
      sql`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`,
    forEachRow: (alias, query) =>
      sql`left join message as ${sql.ref(alias)} on ${sql.ref(`${alias}.id`)} in (${query})`,
    lanesOfEach: (alias, found) =>
      sql`join lane as ${sql.ref(alias)} on ${sql.ref(`${alias}.rowid`)} in (select rowid ${found})`,
    skipLocked: sql``,
    forUpdate: () => sql``,
    begin: 'begin immediate',
    isConflict: () => false,
    isRefusal: (error) => /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|RANGE|ERROR$)/.test(codeOf(error)),
    types: { id: 'integer primary key autoincrement', int: 'integer', text: 'text', bytes: 'blob' },
  };
}

export function postgresDialect(): Dialect {
  const arrays = { int: sql`bigint[]`, text: sql`text[]` };
  return {
    name: 'postgres',
    now: () => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    rows: (alias, types, values) => {
      const columns = Object.entries(types);
      const lists = columns.map(
        ([column, type]) => sql`${values.map((row) => row[column] ?? null)}::${arrays[type]}`,
      );
      const names = columns.map(([column]) => sql.ref(column));
      return sql`unnest(${sql.join(lists)}) as ${sql.ref(alias)} (${sql.join(names)})`;
    },
    oneOf: (column, type, values) => sql`${sql.ref(column)} = any(${values}::${arrays[type]})`,
    forEachRow: (alias, query) =>
      sql`left join lateral (select * from message where message.id in (${query})) as ${sql.ref(alias)} on true`,
    lanesOfEach: (alias, found) =>
      sql`cross join lateral (select conversation, kind ${found} for update skip locked) as ${sql.ref(alias)}`,
    skipLocked: sql`for update skip locked`,
    forUpdate: (table) => sql`for update of ${sql.ref(table)}`,
    begin: 'begin',
    isConflict: (error) => ['40001', '40P01'].includes(codeOf(error)),
    // 22 data, 23 constraint, 42 syntax, 54 limits of the program (an index row that is too long).
    isRefusal: (error) => /^(22|23|42|54)[0-9A-Z]{3}$/.test(codeOf(error)),
    types: {
      id: 'bigint generated always as identity primary key',
      int: 'bigint',
      text: 'text',
      bytes: 'bytea',
    },
  };
}

/** The store's own code of an error. Not every store's errors are instances of this realm's Error. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
