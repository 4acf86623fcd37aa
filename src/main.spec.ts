import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const PLANTED = 'hunter2';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The version that a wrapper has Node show. */
function pretending(version: string): string {
  const script = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

// `npm test` builds before it runs the specs.
const built = existsSync(MAIN) ? describe : describe.skip;

built('the bridge as a process', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-main-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs to its end, in a folder without `.env`, on this environment alone. */
  function run(env: Readonly<Record<string, string>>, ...options: string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [...options, MAIN],
        { cwd: folder, env, timeout: 20_000 },
        (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
  }

  it.each(['20.19.5', '22.1.0', '9.0.0'])(
    'says in one line that Node %s is too old, and ends',
    async (version) => {
      const { code, stdout, stderr } = await run({}, '--import', pretending(version));
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toMatch(new RegExp(`needs Node 24 or newer; this is ${version}\\.`));
    },
  );

  it('goes on with Node 24 and newer', async () => {
    const { stderr } = await run({}, '--import', pretending('26.0.0'));
    expect(stderr).toMatch(/^The settings need mending:\n/);
  });

  it('names every bad setting, without values, and ends', async () => {
    const { code, stdout, stderr } = await run({
      EDNA_API_KEY: PLANTED,
      AMOCRM_CHANNEL_ID: PLANTED,
      AMOCRM_CHANNEL_SECRET: PLANTED,
      LOG_LEVEL: PLANTED,
      PORT: PLANTED,
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).not.toContain(PLANTED);
    const [head, ...problems] = stderr.trimEnd().split('\n');
    expect(head).toBe('The settings need mending:');
    expect(problems.map((line) => line.trim().split(' ')[0])).toEqual([
      'AMOCRM_ACCOUNT_ID',
      'AMOCRM_CHANNEL_ID',
      'LOG_LEVEL',
      'PORT',
    ]);
  });
});
