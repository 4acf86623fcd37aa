/** Whoever writes a file lets no more than this pass between two pieces of it, and does not write for ever. */
const QUIET_MS = 300;
const MOST_QUIETS = 20;

/** Resolves once what is looked at has stayed the same for a moment: a file that is cut off may look whole. */
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
}
