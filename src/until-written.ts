import { ConfigError } from './config-error.js';

/** Whoever writes a file lets no more than this pass between two pieces of it, and does not write for ever. */
const QUIET_MS = 300;
const MOST_QUIETS = 20;

/**
 * Resolves once the file of lines has stayed the same for a moment: one that is cut off may look whole.
 * @throws {ConfigError} where it is still being written after six seconds
 */
export async function untilWritten(
  look: () => Promise<string>,
  wait: (ms: number) => Promise<unknown>,
): Promise<void> {
  let before = await look();
  for (let tried = 0; tried < MOST_QUIETS; tried += 1) {
    await wait(QUIET_MS);
    const now = await look();
    if (now === before) return;
    before = now;
  }
  throw new ConfigError(['LINES_FILE is still being written: send SIGHUP again once it is whole']);
}
