/** How often a property is tried: `npm test` tries it a few times, `npm run fuzz` by FUZZ_RUNS as often as it likes. */
export function runs(few: number): { numRuns: number; seed: number } {
  const { FUZZ_RUNS: factor, FUZZ_SEED: seed } = process.env;
  return { numRuns: Math.ceil(few * Number(factor || 1)), seed: Number(seed || 6) };
}
