import './jest-setup.ts';

export default async function teardown(): Promise<void> {
  await globalThis.specPostgres?.remove();
}
