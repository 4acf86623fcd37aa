import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNT_ID, CHANNEL_ID, SECRET } from '../test/builders.js';
import { ConfigError } from './config-error.js';
import { readLines } from './lines-file.js';

const DEFAULTS = {
  edna: { baseUrl: 'https://app.edna.ru', imType: 'whatsapp', subscriberIdType: 'PHONE' },
  amo: { baseUrl: 'https://amojo.amocrm.ru', title: 'Integration Channel', hookApiVersion: 'v2' },
};
const OTHER_CHANNEL = '8a3c1d70-5b42-4e6f-9d18-7c2f0a4e6b91';
const OTHER_ACCOUNT = '1b7e0c25-93d4-4a6f-8e50-2f6c9d3a7b18';

const amocrm = (more = '') => `    amocrm:
      channel_id: ${CHANNEL_ID}
      channel_secret: ${SECRET}
      account_id: ${ACCOUNT_ID}
${more}`;
const other = `    amocrm:
      channel_id: ${OTHER_CHANNEL}
      channel_secret: another-secret
      account_id: ${OTHER_ACCOUNT}
`;
const line = (edna: string, amo = amocrm()) => `  - edna: { api_key: key-1, ${edna} }\n${amo}`;

describe('the file of lines', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-lines-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (text: string, name = 'lines.yaml') => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const read = (text: string) => readLines(file(text), DEFAULTS);
  const problemsOf = (text: string): readonly string[] => {
    try {
      read(text);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };

  it('needs of each line what the environment needs, and has its defaults', () => {
    expect(read(`lines:\n  - edna: { api_key: key-1 }\n${amocrm()}`)).toEqual([
      {
        edna: { ...DEFAULTS.edna, apiKey: 'key-1', webhookTokens: [] },
        amo: {
          ...DEFAULTS.amo,
          channelId: CHANNEL_ID,
          channelSecret: SECRET,
          accountId: ACCOUNT_ID,
        },
        crm: {},
      },
    ]);
  });

  it('says everything a line may be told', () => {
    const text = `
lines:
  - name: Москва
    edna:
      api_key: key-1
      base_url: https://app.edna.io/
      channels: [71844, acme_max]
      webhook_token: [new-token, old-token]
      im_type: WhatsApp
      send_path: /api/cascade/schedule
      cascade_id: 9026
      subscriber_id_type: PHONE
      phone_country: KZ
      session_window_hours: 23
    amocrm:
      channel_id: ${CHANNEL_ID}
      channel_secret: [${SECRET}, the-secret-before]
      base_url: https://acme.kommo.com/
      token: eyJ
      title: Acme
      hook_api_version: v2
      source: moscow
      default: true
    aliases: { 71846: 71845, 71845: 71844 }
`;
    expect(read(text)).toEqual([
      {
        name: 'Москва',
        edna: {
          apiKey: 'key-1',
          baseUrl: 'https://app.edna.io',
          channels: ['71844', 'acme_max', '71846'],
          subjectId: '71844',
          replaces: new Map([['71846', ['71845', '71844']]]),
          webhookTokens: ['new-token', 'old-token'],
          imType: 'whatsapp',
          sendPath: '/api/cascade/schedule',
          cascadeId: '9026',
          subscriberIdType: 'PHONE',
          phoneCountry: 'KZ',
          sessionWindowHours: 23,
        },
        amo: {
          baseUrl: 'https://amojo.kommo.com',
          channelId: CHANNEL_ID,
          channelSecret: SECRET,
          previousSecret: 'the-secret-before',
          accountId: undefined,
          title: 'Acme',
          hookApiVersion: 'v2',
          sourceExternalId: 'moscow',
          isDefault: true,
        },
        crm: { baseUrl: 'https://acme.kommo.com', token: 'eyJ' },
      },
    ]);
  });

  it.each([
    ['https://acme.amocrm.ru', 'https://amojo.amocrm.ru'],
    ['https://acme.amocrm.com/', 'https://amojo.amocrm.com'],
    ['https://acme.kommo.com', 'https://amojo.kommo.com'],
    ['http://127.0.0.1:28100/amocrm', DEFAULTS.amo.baseUrl],
  ])('knows the chats of %s', (baseUrl, amojo) => {
    const [found] = read(`lines:\n${line('', amocrm(`      base_url: ${baseUrl}\n`))}`);
    expect(found?.amo.baseUrl).toBe(amojo);
  });

  it('reads digits as they are written, whatever number YAML makes of them', () => {
    const [found] = read(
      `lines:\n${line('webhook_token: [0123456, 1e5], channels: [90071992547409931, 0x1f]', amocrm().replace(SECRET, '0009'))}`,
    );
    expect(found?.edna).toMatchObject({
      webhookTokens: ['0123456', '1e5'],
      channels: ['90071992547409931', '0x1f'],
    });
    expect(found?.amo.channelSecret).toBe('0009');
  });

  it('lets two companies call a channel by the same word, and no channel have the same number', () => {
    const word = (token: string) => `channels: [whatsapp], webhook_token: ${token}`;
    expect(read(`lines:\n${line(word('a'))}${line(word('b'), other)}`)).toHaveLength(2);
    expect(problemsOf(`lines:\n${line(word('a'))}${line(word('a'), other)}`)).toHaveLength(1);
  });

  it('reads two hundred lines at once', () => {
    const many = Array.from({ length: 200 }, (_, i) =>
      line(`channels: [${i + 1}], webhook_token: t`, amocrm(`      source: s${i}\n`)),
    );
    const beganAt = performance.now();
    expect(read(`lines:\n${many.join('')}`)).toHaveLength(200);
    expect(performance.now() - beganAt).toBeLessThan(2_000);
  });

  it('takes secrets from files beside it', () => {
    file('from-a-file\n', 'key');
    const [found] = read(`lines:\n  - edna: { api_key_file: key }\n${amocrm()}`);
    expect(found?.edna.apiKey).toBe('from-a-file');
  });

  it('holds numbers and companies side by side', () => {
    const found = read(
      `lines:\n${line('channels: [1], webhook_token: a', amocrm('      source: one\n'))}${line(
        'channels: [2], webhook_token: a',
        amocrm('      source: two\n'),
      )}${line('webhook_token: b', other)}`,
    );
    expect(found.map(({ amo }) => amo.sourceExternalId)).toEqual(['one', 'two', undefined]);
  });

  it.each([
    [
      'nothing at all',
      '',
      ['LINES_FILE line 1, column 1: lines is required: a list with at least one line'],
    ],
    [
      'a word',
      'lines',
      ['LINES_FILE line 1, column 1: lines is required: a list with at least one line'],
    ],
    [
      'no line',
      'lines: []',
      ['LINES_FILE line 1, column 8: lines is required: a list with at least one line'],
    ],
    [
      'half a file',
      'lines:\n  - edna: { api_key: key-1',
      ['LINES_FILE line 2, column 27: is no YAML (BAD_INDENT)'],
    ],
    [
      'a line without sides',
      'lines:\n  - name: x\n',
      [
        'LINES_FILE line 2, column 5: lines[0].edna is required: the edna side',
        'LINES_FILE line 2, column 5: lines[0].amocrm is required: the amoCRM side',
      ],
    ],
    [
      'a misspelt key, a number for a secret, an account that is none',
      `lines:\n  - edna: { api_key: 12, chanels: [1] }\n${amocrm().replace(ACCOUNT_ID, '31990077')}`,
      [
        'LINES_FILE line 2, column 22: lines[0].edna.api_key is required: the API key of the edna Pulse account, in Latin letters without blanks',
        'LINES_FILE line 2, column 35: lines[0].edna.chanels is no setting',
        expect.stringMatching(
          /^LINES_FILE line 6, column 19: lines\[0\]\.amocrm\.account_id is required/,
        ),
      ],
    ],
    [
      'a list of secrets without one',
      `lines:\n  - edna: { api_key: key-1 }\n${amocrm().replace(SECRET, '[]')}`,
      [
        'LINES_FILE line 5, column 23: lines[0].amocrm.channel_secret is required: the secret key of the channel, as amoCRM’s support sent it',
      ],
    ],
    [
      'lines that are none, and a name that is no text',
      `lines:\n  - 1\n  - [x]\n  -\n  - { name: 5, edna: [], amocrm: x }\n`,
      [
        'LINES_FILE line 2, column 5: lines[0] expects a line: edna and amocrm',
        'LINES_FILE line 3, column 6: lines[1][0] expects a line: edna and amocrm',
        'LINES_FILE line 4, column 4: lines[2] expects a line: edna and amocrm',
        'LINES_FILE line 5, column 13: lines[3].name expects a text that does not begin or end with a blank',
        'LINES_FILE line 5, column 22: lines[3].edna is required: the edna side',
        'LINES_FILE line 5, column 34: lines[3].amocrm is required: the amoCRM side',
      ],
    ],
    [
      'aliases that are none',
      `lines:\n${line('channels: [3]')}    aliases: { 3: { 1: 2 }, 4: a:b, 5: }\n`,
      [
        'LINES_FILE line 7, column 14: lines[0].aliases expects <number now>: <number before>, one for each',
      ],
    ],
    [
      'a key twice, and two documents',
      'lines: []\nlines: []\n---\nlines: []\n',
      [
        expect.stringContaining('is no YAML (DUPLICATE_KEY)'),
        expect.stringContaining('is no YAML (MULTIPLE_DOCS)'),
      ],
    ],
    [
      'a file of a secret that is not there',
      `lines:\n  - edna: { api_key_file: nowhere }\n${amocrm()}`,
      [
        'LINES_FILE line 2, column 27: lines[0].edna.api_key_file expects the path of a file that can be read, and no api_key beside it',
      ],
    ],
  ])('names the place of each mistake: %s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it.each([
    [
      'two of one name',
      ['channels: [1]', 'channels: [2]'].map((edna, i) => {
        return line(edna, i === 0 ? amocrm() : other).replace('- edna', '- name: Main\n    edna');
      }),
      'lines[1].name is that of lines[0]',
    ],
    [
      'a name that is the key of a line after it',
      [
        line('channels: [1]').replace(
          '- edna',
          `- name: ${OTHER_CHANNEL}_${OTHER_ACCOUNT}\n    edna`,
        ),
        line('channels: [2]', other),
      ],
      'lines[0].name is the key of lines[1]',
    ],
    ['two lines for one account', [line('channels: [1]'), line('channels: [2]')], 'amocrm.source'],
    [
      'one channel in two lines',
      [line('channels: [1, 2]'), line('channels: [2]', other)],
      'edna.channels has a channel of lines[0]; if both shall get its messages, say copy: true',
    ],
    [
      'a channel in one line that another has replaced by its own',
      [line('channels: [1]'), `${line('channels: [2]', other)}    aliases: { 2: 1 }\n`],
      'edna.channels has a channel of lines[0]',
    ],
    [
      'channels that replace one another in a circle',
      [`${line('channels: [3]')}    aliases: { 1: 2, 2: 1 }\n`],
      'aliases lead in a circle',
    ],
    [
      'a channel that replaces itself',
      [`${line('channels: [3]')}    aliases: { 3: 3 }\n`],
      'aliases lead in a circle',
    ],
    [
      'two secrets for one channel, in whatever case its id is written',
      [
        line('channels: [1]'),
        line('channels: [2]', other.replace(OTHER_CHANNEL, CHANNEL_ID.toUpperCase())),
      ],
      'amocrm.channel_secret',
    ],
    [
      'two lines for every channel, with one token',
      [line('webhook_token: a'), line('webhook_token: a', other)],
      'edna.channels',
    ],
    ['two lines for every channel, with none', [line(''), line('', other)], 'edna.channels'],
    [
      'a line without a token beside one with',
      [line('channels: [1], webhook_token: a'), line('channels: [2]', other)],
      'edna.webhook_token is required',
    ],
    [
      'two secrets for one channel',
      [line('channels: [1]'), line('channels: [2]', other.replace(OTHER_CHANNEL, CHANNEL_ID))],
      'amocrm.channel_secret',
    ],
    [
      'two default lines in one account',
      [
        line('channels: [1]', amocrm('      source: a\n      default: true\n')),
        line('channels: [2]', amocrm('      source: b\n      default: true\n')),
      ],
      'amocrm.default',
    ],
    [
      'a channel with two successors',
      [`${line('channels: [3]')}    aliases: { 3: 1, 2: 1 }\n`],
      'aliases give one channel two successors',
    ],
  ])('refuses lines that cannot stand side by side: %s', (_, lines, what) => {
    const [problem, ...more] = problemsOf(`lines:\n${lines.join('')}`);
    expect(problem).toMatch(/^LINES_FILE line \d+, column \d+: lines\[\d\]\./);
    expect(problem).toContain(what);
    expect(more).toEqual([]);
  });

  it('lets a line be called what it is filed under, and others have no name', () => {
    const named = line('channels: [1]').replace(
      '- edna',
      `- name: ${CHANNEL_ID}_${ACCOUNT_ID}\n    edna`,
    );
    const third = amocrm('      source: b\n');
    expect(
      problemsOf(`lines:\n${named}${line('channels: [2]', other)}${line('channels: [3]', third)}`),
    ).toEqual([]);
  });

  it('lets a channel lead into two accounts where a line says so', () => {
    const lines = `${line('channels: [1]')}${line('channels: [1]', other)}    copy: true\n`;
    expect(read(`lines:\n${lines}`).map(({ isCopy }) => isCopy)).toEqual([undefined, true]);
  });

  it('is as the README shows it', () => {
    const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
    const [, example = ''] = /```yaml\n(lines:\n[^`]*)```/.exec(readme) ?? [];
    mkdirSync(join(folder, 'secrets'));
    file('acme-edna-key\n', 'secrets/acme-edna');
    expect(read(example)).toMatchObject([
      { name: 'Москва', edna: { apiKey: 'acme-edna-key', channels: ['71844'] } },
      { name: 'Казань', edna: { replaces: new Map([['71845', ['71840']]]) } },
      { name: 'Zeta', amo: { baseUrl: 'https://amojo.kommo.com' } },
    ]);
  });

  it('prints no value of it', () => {
    const problems = problemsOf(
      `lines:\n  - edna: { api_key: hunter2 hunter2, webhook_token: "hunter2 x" }\n    amocrm: { channel_secret: hunter2, account_id: hunter2 }\n`,
    );
    expect(problems.length).toBeGreaterThan(2);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('that cannot be read is an error without its path', () => {
    expect(() => readLines(join(folder, 'nowhere'), DEFAULTS)).toThrow(
      'LINES_FILE expects the path of a file that can be read',
    );
  });

  it.each(['lines: &a [*a]', `a: &a [1]\nlines: ${'[*a,'.repeat(200)}1${']'.repeat(200)}`])(
    'is not fooled by its own aliases',
    (text) => {
      expect(problemsOf(text)).not.toHaveLength(0);
    },
  );
});
