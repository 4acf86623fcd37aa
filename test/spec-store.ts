/**
 * The store of end-to-end specs that do not choose one: `E2E_STORE=postgres npm test -- -i e2e-spec` runs them on PostgreSQL, a second
 * time, which takes longer than there is for every run.
 */
export const STORE = process.env['E2E_STORE'] === 'postgres' ? 'postgres' : 'sqlite';
