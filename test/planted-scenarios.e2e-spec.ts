import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { plant, type Edit } from './planted-bridge.js';

/*
 * Mistakes that bridges of this kind make, planted in a copy of the built bridge: each makes a scenario fail.
 * A scenario that cannot fail proves nothing.
 */

const ROOT = join(import.meta.dirname, '..');
/** A good bridge needs a fraction of it, once it is up, even with four others starting beside it. */
const PATIENCE_SECONDS = '4';

interface Mistake {
  readonly scenario: string;
  /** What the scenario says about it. */
  readonly says: RegExp;
  readonly edits: readonly Edit[];
}

const MISTAKES: Readonly<Record<string, Mistake>> = {
  "amojo's uuid as conversation_id": {
    scenario: 'happy-day',
    says: /chats = 2, а не 1/,
    edits: [
      [
        'conversation_id: ourIdOf(conversation), ...toBeLinked',
        'conversation_id: chatId ?? ourIdOf(conversation), ...toBeLinked',
      ],
    ],
  },
  'SENT reported as delivered': {
    scenario: 'status-storm',
    says: /Только отправлено» \(delivered\)/,
    edits: [["['SENT', 'sent']", "['SENT', 'delivered']"]],
  },
  'a fresh requestId on a retry': {
    scenario: 'lost-answers',
    says: /cancelled = 1, а не 0/,
    edits: [['requestId, cascadeId', 'requestId: globalThis.crypto.randomUUID(), cascadeId']],
  },
  'a signature over the JSON written anew': {
    scenario: 'wrong-signature',
    says: /Экранировано/,
    edits: [
      [
        'signersOf(rawBody(request),',
        `signersOf(((raw) => {
          try { return Buffer.from(JSON.stringify(JSON.parse(raw.toString()))); } catch { return raw; }
        })(rawBody(request)),`,
      ],
    ],
  },
  'text sent beside the attachment': {
    scenario: 'content-kinds',
    says: /Вот такой/,
    edits: [
      ["if ('attachment' in content && content.caption)", 'if (false)'],
      ['contentType: carried.type,', 'contentType: carried.type, text: carried.caption,'],
    ],
  },
  'a redelivery that is swallowed though the first try failed': {
    scenario: 'refused-once',
    says: /нет «Есть термос\?»/,
    edits: [["and message.state = 'failed'", "and message.state = 'swallowed'"]],
  },
  'one lane for both directions': {
    scenario: 'two-directions',
    says: /шаг 7: на телефоне anna ожидали/,
    edits: [
      [
        'owner is null and due_at <= ${dialect.now()}',
        `owner is null and due_at <= \${dialect.now()} and (kind <> 'outbound' or conversation not in
          (select conversation from lane where kind = 'inbound' and due_at is not null))`,
      ],
    ],
  },
  "a 401 that fails a client's message": {
    scenario: 'key-refused',
    says: /Есть кто\?/,
    edits: [["401: 'blocked'", "401: 'rejected'"]],
  },
};

let folder: string;

beforeAll(() => {
  mkdirSync(join(ROOT, 'artefacts'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'artefacts', 'planted-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Played {
  readonly code: number;
  readonly output: string;
}

function playOn(script: string, scenario: string, ...more: string[]): Promise<Played> {
  const file = join(ROOT, 'sandbox', 'scenarios', `${scenario}.yaml`);
  const player = join(ROOT, 'sandbox', 'scenario.ts');
  const options = [player, '--script', script, ...more, file];
  return new Promise((resolve) => {
    execFile(process.execPath, options, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

describe('a scenario on a bridge of its own', () => {
  it.concurrent('passes on the bridge as it is, killed on the way', async () => {
    const script = join(ROOT, 'dist', 'main.js');
    const { code, output } = await playOn(script, 'restart-in-the-middle');
    expect(output).toContain('✓ restart-in-the-middle');
    expect(code).toBe(0);
  });

  it.concurrent.each(Object.keys(MISTAKES))('fails on %s', async (name) => {
    const mistake = MISTAKES[name];
    if (!mistake) throw new Error('it is in the table');
    const { code, output } = await playOn(
      plant(join(folder, name.replace(/\W+/g, '-')), mistake.edits),
      mistake.scenario,
      '--patience',
      PATIENCE_SECONDS,
    );
    expect(output).toContain(`✗ ${mistake.scenario}`);
    expect(output).toMatch(mistake.says);
    expect(code).toBe(1);
  });
});
