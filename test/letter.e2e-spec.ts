import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { START_MS, type } from './command-line.js';

describe('bridge letter', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-letter-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (words: string, environment?: Readonly<Record<string, string>>) =>
    type(words, environment, folder);

  it(
    'is written before anything of amoCRM’s is known, and says what is missing',
    async () => {
      const { code, out, err } = await run('letter');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^Регистрация канала чатов\n/);
      expect(out).toMatch(/\n14\. Поддержка голосовых сообщений\n {3}Да\.\n/);
      expect(out).toMatch(/Впишите, прежде чем отправить:\n(- <.+>\n){6}$/);
    },
    START_MS,
  );

  it(
    'takes the settings, of .env too, and the language that was asked for',
    async () => {
      writeFileSync(join(folder, '.env'), 'PUBLIC_URL=https://bridge.example.test\nLANGUAGE=ru\n');
      const { out } = await run('letter --language en --json');
      const letter = JSON.parse(out) as { answers: { answer: string }[]; missing: string[] };
      expect(letter.answers[1]?.answer).toBe(
        'https://bridge.example.test/webhooks/amocrm/:scope_id',
      );
      expect(letter.missing).toHaveLength(5);
      expect(out).not.toMatch(/\p{Script=Cyrillic}/u);
    },
    START_MS,
  );

  it(
    'ends with 2 where a setting is wrong, or a word',
    async () => {
      const wrong = await run('letter', { PUBLIC_URL: 'bridge', AMOCRM_CHANNEL_ID: 'planted' });
      expect(wrong).toMatchObject({ code: 2, out: '' });
      expect(wrong.err).toMatch(/AMOCRM_CHANNEL_ID[^]*PUBLIC_URL/);
      expect(wrong.err).not.toMatch(/EDNA_API_KEY|planted/);
      expect(await run('letter --language fr')).toMatchObject({ code: 2, out: '' });
    },
    START_MS,
  );
});
