/** Every setting that is not as it should be; never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The settings need mending:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}
