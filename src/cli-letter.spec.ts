import { plainToInstance } from 'class-transformer';
import { toLetter } from './cli-letter.js';
import { aLine } from '../test/builders.js';
import { Environment } from './config.js';
import type { LineSettings } from './line-settings.js';

const aLetter = (
  settings: Partial<Environment> = {},
  language: 'ru' | 'en' = 'en',
  lines: readonly LineSettings[] = [],
) =>
  toLetter(plainToInstance(Environment, settings, { exposeDefaultValues: true }), lines, language);
const answer = (number: number, settings: Partial<Environment> = {}) =>
  aLetter(settings).answers[number - 1]?.answer;

describe('the letter to amoCRM’s support', () => {
  it.each(['ru', 'en'] as const)(
    'answers fourteen questions, in %s and nothing else',
    (language) => {
      const { subject, answers } = aLetter({}, language);
      expect(answers).toHaveLength(14);
      for (const text of [
        subject,
        ...answers.flatMap(({ question, answer }) => [question, answer]),
      ]) {
        if (language === 'en') expect(text).not.toMatch(/\p{Script=Cyrillic}/u);
        expect(text).not.toBe('');
      }
    },
  );

  it('says the same of the settings in both languages', () => {
    const settings = { PUBLIC_URL: 'https://bridge.example.test/', AMOCRM_CONNECT_TITLE: 'Pulse' };
    const [ru, en] = [aLetter(settings, 'ru'), aLetter(settings, 'en')];
    expect(ru.missing).toHaveLength(en.missing.length);
    for (const i of [0, 1]) expect(ru.answers[i]?.answer).toBe(en.answers[i]?.answer);
  });

  it('names the webhook with the mark that amoCRM fills in', () => {
    expect(answer(2, { PUBLIC_URL: 'https://bridge.example.test/' })).toBe(
      'https://bridge.example.test/webhooks/amocrm/:scope_id',
    );
  });

  it.each([
    ['Pulse bridge', 'Pulse bridge'],
    ['Мост', expect.stringMatching(/^<.*>$/)],
    ['2 bridges', expect.stringMatching(/^<.*>$/)],
  ])('takes the channel’s name where amoCRM takes it: %s', (title, expected) => {
    expect(answer(1, { AMOCRM_CONNECT_TITLE: title })).toEqual(expected);
  });

  it.each([
    [{}, '86400 seconds'],
    [{ EDNA_IM_TYPE: 'viber' }, 'Not needed'],
    [{ SESSION_WINDOW_HOURS: '12' }, '43200 seconds'],
    [{ SESSION_WINDOW_HOURS: '0' }, 'Not needed'],
  ])('asks for the time window that the bridge keeps: %j', (settings, words) => {
    expect(answer(5, settings)).toContain(words);
  });

  it('speaks of every account and channel of a file of lines', () => {
    const { edna, amo } = aLine();
    const aFileLine = (imType: string, sessionWindowHours: number | undefined, name: string) => ({
      edna: { ...edna, imType, ...(sessionWindowHours !== undefined && { sessionWindowHours }) },
      amo,
      crm: { baseUrl: `https://${name}` },
    });
    const lines = [
      aFileLine('viber', undefined, 'acme.amocrm.ru'),
      aFileLine('viber', 48, 'acme.amocrm.ru'),
      aFileLine('whatsapp', undefined, 'other.kommo.com'),
    ];
    const { answers } = aLetter({ EDNA_IM_TYPE: 'viber' }, 'en', lines);
    expect(answers[2]?.answer.match(/<[^<>]+>/g)).toEqual([
      expect.stringContaining('acme.amocrm.ru'),
      expect.stringContaining('other.kommo.com'),
    ]);
    expect(answers[4]?.answer).toContain('172800 seconds');
  });

  it('promises files for as long as links to them work', () => {
    expect(answer(11)).toContain('about 7 days');
    const settings = { PUBLIC_URL: 'https://bridge.example.test', MEDIA_DAYS: 60 };
    expect(answer(11, settings)).toContain('7 to 60 days');
  });

  it('lists what the settings do not say, and only that', () => {
    const bare = aLetter();
    expect(bare.missing).toHaveLength(6);
    const id = '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a210';
    const settings = {
      PUBLIC_URL: 'https://bridge.example.test',
      AMOCRM_CLIENT_ID: id,
      AMOCRM_BASE_URL: 'https://acme.amocrm.ru',
    };
    const { missing, answers } = aLetter(settings);
    expect(answers[7]?.answer).toBe(id);
    expect(missing).toHaveLength(4);
    expect(missing[0]).toContain('acme.amocrm.ru');
    for (const one of missing) expect(answers.some((row) => row.answer.includes(one))).toBe(true);
  });
});
