/**
 * The store of end-to-end specs that do not choose one: with E2E_STORE=postgres they run on PostgreSQL, a second time,
 * which takes longer than there is for every run.
 */
export const STORE = process.env['E2E_STORE'] === 'postgres' ? 'postgres' : 'sqlite';
