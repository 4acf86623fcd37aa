import { rmSync } from 'node:fs';
import './jest-setup.ts';

export default async function teardown(): Promise<void> {
  await globalThis.specPostgres?.remove();
  if (globalThis.specFolder) rmSync(globalThis.specFolder, { recursive: true, force: true });
}
