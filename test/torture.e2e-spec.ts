import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { plant, type Edit } from './planted-bridge.js';

const ROOT = join(import.meta.dirname, '..');
const KEPT = /accepted (\d+), delivered \1, lost 0, doubled 0, out-of-order 0, status-backwards 0/;

interface Tortured {
  readonly code: number;
  readonly output: string;
}

function torture(words: string): Promise<Tortured> {
  const options = [join(ROOT, 'bench', 'torture.ts'), ...words.split(' ')];
  return new Promise((resolve) => {
    execFile(process.execPath, options, { timeout: 170_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

describe('the torture', () => {
  it.concurrent.each(['sqlite', 'postgres'])(
    'finds every promise kept on %s, whatever breaks',
    async (store) => {
      const { code, output } = await torture(
        `--seconds 20 --seed 7 --rate 8 --store ${store} --only kill,${store === 'postgres' ? 'database,' : ''}upstream,disk,clock`,
      );
      expect(output).toMatch(KEPT);
      expect(Number(KEPT.exec(output)?.[1])).toBeGreaterThan(40);
      expect(Number(/kills (\d+)/.exec(output)?.[1])).toBeGreaterThan(4);
      expect(code).toBe(0);
    },
    180_000,
  );

  it.concurrent('is not begun with words it does not know', async () => {
    expect(await torture('--fast')).toMatchObject({ code: 2 });
  });
});

interface Mistake {
  /** What breaks meanwhile. */
  readonly while: string;
  readonly says: RegExp;
  readonly edits: readonly Edit[];
}

/** For each promise there is one that breaks it; a judge who has never said no proves nothing. */
const MISTAKES: Readonly<Record<string, Mistake>> = {
  'an answer before the commit': {
    while: '--only kill --seed 1',
    says: /, lost [1-9]\d*, doubled 0,/,
    edits: [
      [
        'await this.journal.receive(arrivals, () => this.filing.received())',
        'setTimeout(() => this.journal.receive(arrivals, () => this.filing.received()), 1_500)',
      ],
    ],
  },
  'a resend taken for a message of its own': {
    while: '--only upstream --seed 9',
    says: /, doubled [1-9]/,
    edits: [
      [
        'return `edna:${channel}:${ednaMessageId}`',
        'return `edna:${channel}:${ednaMessageId}-${Math.random()}`',
      ],
    ],
  },
  'a time of its own for each message, delivered and read mixed up': {
    while: '--only clock --seed 1',
    says: /, doubled 0, out-of-order [1-9]\d*, status-backwards [1-9]/,
    edits: [
      ['msec_timestamp: ms,', 'msec_timestamp: ms + Math.floor(Math.random() * 60_000),'],
      [
        'const code = STATUS_CODES[report.status];',
        'const code = { 1: 2, 2: 1 }[STATUS_CODES[report.status]];',
      ],
    ],
  },
};

describe('a bridge that breaks a promise', () => {
  let folder: string;
  beforeAll(() => {
    mkdirSync(join(ROOT, 'artefacts'), { recursive: true });
    folder = mkdtempSync(join(ROOT, 'artefacts', 'tortured-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.concurrent.each(Object.keys(MISTAKES))('is found out: %s', async (name) => {
    const mistake = MISTAKES[name];
    if (!mistake) throw new Error('it is in the table');
    const script = plant(join(folder, name.replace(/\W+/g, '-')), mistake.edits);
    const { code, output } = await torture(
      `--seconds 7 --settle 3 ${mistake.while} --script ${script}`,
    );
    expect(output).toMatch(mistake.says);
    expect(code).toBe(1);
  });
});
