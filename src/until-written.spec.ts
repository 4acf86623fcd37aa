import { ConfigError } from './config-error.js';
import { untilWritten } from './until-written.js';

describe('a file that somebody writes', () => {
  /** What it says at each look; the last stays. @returns how long it was waited, ms */
  async function waited(...contents: readonly string[]): Promise<number> {
    let looks = 0;
    let ms = 0;
    await untilWritten(
      async () => contents[Math.min(looks++, contents.length - 1)] ?? '',
      async (more) => (ms += more),
    );
    return ms;
  }

  it('is waited for until it stays as it is', async () => {
    expect(await waited('whole')).toBe(300);
    expect(await waited('lines:', 'lines: [one', 'lines: [one]')).toBe(900);
  });

  it('is not waited for for ever, nor taken for whole', async () => {
    let ms = 0;
    const endless = untilWritten(
      async () => `${ms}`,
      async (more) => (ms += more),
    );
    await expect(endless).rejects.toThrow(ConfigError);
    await expect(endless).rejects.toThrow('LINES_FILE is still being written');
    expect(ms).toBe(6_000);
  });
});
