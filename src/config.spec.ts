import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNT_ID, CHANNEL_ID, SECRET } from '../test/builders.js';
import { ConfigError, configured, Environment, SECRETS, toConfig } from './config.js';

/** The least that can be run with. */
const LEAST = {
  EDNA_API_KEY: 'spec-api-key',
  AMOCRM_CHANNEL_ID: CHANNEL_ID,
  AMOCRM_CHANNEL_SECRET: SECRET,
  AMOCRM_ACCOUNT_ID: ACCOUNT_ID,
};

const OAUTH = {
  AMOCRM_CLIENT_ID: '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a210',
  AMOCRM_CLIENT_SECRET: 'Qm3vT9sLx2',
  SECRET_KEY: 'spec-secret-key-of-32-characters',
  PUBLIC_URL: 'https://bridge.example.test/',
};

/** Stands in values that must not be printed. */
const PLANTED = 'hunter2';

function problemsOf(variables: Record<string, unknown>): readonly string[] {
  try {
    toConfig(variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
const named = (problems: readonly string[]) => problems.map((problem) => problem.split(' ')[0]);

describe('the settings', () => {
  it('need four values; everything else has a default', () => {
    const config = toConfig(LEAST);
    expect(config).toMatchObject({
      port: 8000,
      host: '0.0.0.0',
      databaseUrl: 'file:./data/bridge.db',
      docs: true,
      logLevel: 'info',
      webhookSignature: 'on',
      publicUrl: undefined,
      lines: [
        {
          edna: {
            baseUrl: 'https://app.edna.ru',
            apiKey: 'spec-api-key',
            imType: 'whatsapp',
            subscriberIdType: 'PHONE',
          },
          amo: {
            baseUrl: 'https://amojo.amocrm.ru',
            channelId: CHANNEL_ID,
            channelSecret: SECRET,
            accountId: ACCOUNT_ID,
            title: 'Integration Channel',
            hookApiVersion: 'v2',
          },
        },
      ],
      settings: {
        language: 'ru',
        outboundTtlMs: 3_600_000,
        attachmentWaitMs: 5_000,
        retryMaxMs: 300_000,
        concurrency: 128,
        ednaRatePerSecond: 20,
        amojoRatePerSecond: 20,
        retentionDays: 30,
      },
    });
    expect(named(problemsOf({}))).toEqual(Object.keys(LEAST).toSorted());
  });

  it('are taken as they are given', () => {
    const config = toConfig({
      ...LEAST,
      PORT: '28000',
      EDNA_BASE_URL: 'https://app.edna.io//',
      EDNA_IM_TYPE: 'VIBER',
      EDNA_SEND_PATH: '/api/messages/send',
      EDNA_CASCADE_ID: '9026',
      PUBLIC_URL: ' https://bridge.example.test/ ',
      DOCS: 'off',
      LANGUAGE: 'en',
      OUTBOUND_TTL_MINUTES: 5,
      EDNA_RATE_PER_SECOND: '0',
    });
    expect(config).toMatchObject({
      port: 28000,
      publicUrl: 'https://bridge.example.test',
      docs: false,
      lines: [
        {
          edna: {
            baseUrl: 'https://app.edna.io',
            imType: 'viber',
            sendPath: '/api/messages/send',
            cascadeId: '9026',
          },
        },
      ],
      settings: { language: 'en', outboundTtlMs: 300_000, ednaRatePerSecond: 0 },
    });
  });

  it('that are empty are unset', () => {
    const empty = Object.fromEntries(Object.keys(new Environment()).map((name) => [name, ' ']));
    expect(toConfig({ ...empty, ...LEAST })).toEqual(toConfig(LEAST));
    expect(named(problemsOf(empty))).toEqual(Object.keys(LEAST).toSorted());
  });

  describe('of OAuth', () => {
    it('make the address that stands in the integration', () => {
      expect(toConfig({ ...LEAST, ...OAUTH }).oauth).toEqual({
        consentUrl: 'https://www.amocrm.ru/oauth',
        clientId: OAUTH.AMOCRM_CLIENT_ID,
        clientSecret: OAUTH.AMOCRM_CLIENT_SECRET,
        redirectUri: 'https://bridge.example.test/oauth/amocrm/callback',
        secretKey: OAUTH.SECRET_KEY,
      });
      const { SECRET_KEY: _, ...widget } = OAUTH;
      expect(toConfig({ ...LEAST, ...widget })).not.toHaveProperty('oauth');
    });

    it('are named all at once where some are missing or wrong', () => {
      const { AMOCRM_CLIENT_ID, SECRET_KEY } = OAUTH;
      expect(named(problemsOf({ ...LEAST, AMOCRM_CLIENT_ID }))).toEqual(['AMOCRM_CLIENT_SECRET']);
      expect(named(problemsOf({ ...LEAST, SECRET_KEY }))).toEqual([
        'AMOCRM_CLIENT_ID',
        'AMOCRM_CLIENT_SECRET',
        'PUBLIC_URL',
      ]);
      const alone = { ...LEAST, AMOCRM_CLIENT_SECRET: PLANTED };
      expect(named(problemsOf(alone))).toEqual(['AMOCRM_CLIENT_ID']);
      const wrong = { AMOCRM_CLIENT_ID: '31990077', SECRET_KEY: PLANTED, AMOCRM_OAUTH_URL: 'no' };
      const problems = problemsOf({ ...LEAST, ...OAUTH, ...wrong });
      expect(named(problems)).toEqual(['AMOCRM_CLIENT_ID', 'AMOCRM_OAUTH_URL', 'SECRET_KEY']);
      expect(problems.join()).not.toContain(PLANTED);
    });
  });

  it('may leave the account out where it can be looked up', () => {
    const { AMOCRM_ACCOUNT_ID: _, ...rest } = LEAST;
    const access = { AMOCRM_BASE_URL: 'https://acme.amocrm.ru/', AMOCRM_TOKEN: 'eyJ' };
    expect(toConfig({ ...rest, ...access })).toMatchObject({
      lines: [
        {
          amo: { accountId: undefined },
          crm: { baseUrl: 'https://acme.amocrm.ru', token: 'eyJ' },
        },
      ],
    });
    expect(named(problemsOf({ ...rest, AMOCRM_TOKEN: 'eyJ' }))).toEqual(['AMOCRM_ACCOUNT_ID']);
    const number = { ...rest, ...access, AMOCRM_ACCOUNT_ID: '31990077' };
    expect(named(problemsOf(number))).toEqual(['AMOCRM_ACCOUNT_ID']);
  });

  it('always have a token for operators, made of the channel’s secret where none was chosen', () => {
    const made = toConfig(LEAST);
    expect(made.adminTokenChosen).toBe(false);
    expect(made.adminToken).toMatch(/^[0-9a-f]{64}$/);
    expect(made.adminToken).toBe(toConfig({ ...LEAST, PORT: '1' }).adminToken);
    expect(made.adminToken).not.toBe(
      toConfig({ ...LEAST, AMOCRM_CHANNEL_SECRET: 'other' }).adminToken,
    );
    expect(toConfig({ ...LEAST, ADMIN_TOKEN: 'mine' })).toMatchObject({
      adminToken: 'mine',
      adminTokenChosen: true,
    });
  });

  it('reach the app under their name', async () => {
    const { config, module } = await configured({ ...LEAST, PORT: '28000' });
    expect(config.port).toBe(28000);
    expect(module.module.name).toBe('ConfigModule');
    await expect(configured({})).rejects.toThrow(ConfigError);
  });
});

describe('a LANGUAGE that the system set', () => {
  it.each([
    ['en_US:en', 'en'],
    ['ru_RU.UTF-8', 'ru'],
    ['de_DE', 'ru'],
  ])('%s is a list of locales, and means %s', (given, language) => {
    expect(toConfig({ ...LEAST, LANGUAGE: given }).settings.language).toBe(language);
  });
});

describe('settings that a request could not be made with', () => {
  it.each([
    ['EDNA_API_KEY', 'ключ'],
    ['EDNA_API_KEY', 'two words'],
    ['EDNA_BASE_URL', 'http://u:p@edna.example.test'],
    ['EDNA_BASE_URL', 'https://edna.example.test/?x=1'],
    ['AMOCRM_AMOJO_BASE_URL', 'https://amojo.example.test/#y'],
  ])('are refused: %s=%s', (name, value) => {
    expect(() => toConfig({ ...LEAST, [name]: value })).toThrow(name);
  });
});

describe('a bucket for copies', () => {
  const BUCKET = {
    PUBLIC_URL: 'https://bridge.example.test',
    MEDIA_S3_BUCKET: 'copies',
    MEDIA_S3_ACCESS_KEY_ID: 'spec-key',
    MEDIA_S3_SECRET_ACCESS_KEY: 'spec-secret',
  };

  it('is none unless it is named', () => {
    expect(toConfig(LEAST).bucket).toBeUndefined();
    expect(toConfig({ ...LEAST, MEDIA_S3_REGION: 'ru-1' }).bucket).toBeUndefined();
  });

  it('is Amazon’s, or of the server that is named, and may have a folder', () => {
    const keys = { name: 'copies', accessKeyId: 'spec-key', secretAccessKey: 'spec-secret' };
    const amazons = { ...keys, region: 'us-east-1', prefix: '' };
    expect(toConfig({ ...LEAST, ...BUCKET }).bucket).toEqual(amazons);
    const there = { MEDIA_S3_ENDPOINT: 'http://10.0.0.5:9000/', MEDIA_S3_REGION: 'ru-1' };
    for (const MEDIA_S3_PREFIX of ['bridge/media', 'bridge/media/']) {
      expect(toConfig({ ...LEAST, ...BUCKET, ...there, MEDIA_S3_PREFIX }).bucket).toEqual({
        ...keys,
        endpoint: 'http://10.0.0.5:9000',
        region: 'ru-1',
        prefix: 'bridge/media/',
      });
    }
  });

  it.each(Object.keys(BUCKET))('is not used in part: without %s it is refused', (name) => {
    expect(named(problemsOf({ ...LEAST, ...BUCKET, [name]: '' }))).toEqual([name]);
  });

  it('is missed where its server alone is named', () => {
    const MEDIA_S3_ENDPOINT = 'http://10.0.0.5:9000';
    expect(named(problemsOf({ ...LEAST, MEDIA_S3_ENDPOINT }))).toEqual([
      'MEDIA_S3_ACCESS_KEY_ID',
      'MEDIA_S3_BUCKET',
      'MEDIA_S3_SECRET_ACCESS_KEY',
      'PUBLIC_URL',
    ]);
  });
});

describe('bad settings', () => {
  /** A wrong value for every variable that can have one. */
  const WRONG: Record<string, string> = {
    AMOCRM_OAUTH_URL: PLANTED,
    SECRET_KEY: PLANTED,
    PORT: `80${PLANTED}`,
    HOST: `0.0.0.0/${PLANTED}`,
    DATABASE_URL: `mysql://root:${PLANTED}@localhost/bridge`,
    PUBLIC_URL: `bridge.example.test/${PLANTED}`,
    EDNA_API_KEY: '',
    EDNA_BASE_URL: `ftp://${PLANTED}@app.edna.ru`,
    EDNA_IM_TYPE: `whats app ${PLANTED}`,
    EDNA_SEND_PATH: `/api/${PLANTED}`,
    EDNA_CASCADE_ID: PLANTED,
    EDNA_SUBJECT_ID: `-1${PLANTED}`,
    EDNA_SUBSCRIBER_ID_TYPE: PLANTED,
    SESSION_WINDOW_HOURS: `24 h${PLANTED}`,
    PHONE_COUNTRY: `Russia ${PLANTED}`,
    EDNA_RATE_PER_SECOND: `1e3${PLANTED}`,
    EDNA_ATTACHMENT_WAIT_SECONDS: '61',
    AMOCRM_AMOJO_BASE_URL: PLANTED,
    AMOCRM_CHANNEL_ID: PLANTED,
    AMOCRM_CHANNEL_SECRET: '',
    AMOCRM_ACCOUNT_ID: `31990077${PLANTED}`,
    AMOCRM_HOOK_API_VERSION: `v3${PLANTED}`,
    AMOCRM_WEBHOOK_SIGNATURE: `maybe${PLANTED}`,
    AMOCRM_BASE_URL: PLANTED,
    AMOCRM_CLIENT_ID: `31990077${PLANTED}`,
    AMOCRM_CLIENT_SECRET: `two words ${PLANTED}`,
    AMOJO_RATE_PER_SECOND: '10001',
    LANGUAGE: PLANTED,
    KNOWN_CLIENT: 'ignore',
    LOG_LEVEL: PLANTED,
    DOCS: PLANTED,
    RETENTION_DAYS: '0',
    MEDIA_DAYS: '0',
    MEDIA_S3_BUCKET: `copies/${PLANTED}`,
    MEDIA_S3_ENDPOINT: `storage.example.test/${PLANTED}`,
    MEDIA_S3_REGION: `eu ${PLANTED}`,
    MEDIA_S3_ACCESS_KEY_ID: `key ${PLANTED}`,
    MEDIA_S3_SECRET_ACCESS_KEY: `ключ ${PLANTED}`,
    MEDIA_S3_PREFIX: `/${PLANTED}`,
    CONCURRENCY: `128 ${PLANTED}`,
    OUTBOUND_TTL_MINUTES: '0.5',
    RETRY_MAX_SECONDS: `-5${PLANTED}`,
    RECONCILE: `perhaps${PLANTED}`,
  };
  /** Anything will do for these. */
  const FREE = [
    'LINES_FILE',
    'EDNA_WEBHOOK_TOKEN',
    'AMOCRM_CONNECT_TITLE',
    'AMOCRM_TOKEN',
    'ADMIN_TOKEN',
    'MEDIA_DIR',
  ];

  it('are all named at once, with what is expected', () => {
    const problems = problemsOf(WRONG);
    expect(named(problems)).toEqual(Object.keys(WRONG).toSorted());
    for (const problem of problems)
      expect(problem).toMatch(/^[A-Z\d_]+ (expects|is required: ) ?\S+/);
    expect([...Object.keys(WRONG), ...FREE].toSorted()).toEqual(
      Object.keys(new Environment()).toSorted(),
    );
  });

  it('are named without their values', () => {
    const error = new ConfigError(problemsOf(WRONG));
    expect(error.message).not.toContain(PLANTED);
    expect(error.message).not.toMatch(/31990077|mysql|10001/);
    expect(error.message.split('\n')).toHaveLength(Object.keys(WRONG).length + 1);
  });

  it.each(['12abc', '1e3', '0x1F', '1.5', '-1', '+80', '8000 8001', '1_000', 'Infinity'])(
    'are numbers with anything beside digits in them: %s',
    (PORT) => expect(named(problemsOf({ ...LEAST, PORT }))).toEqual(['PORT']),
  );

  it.each(['0', '65536', '99999999999999999999'])(
    'are numbers beyond what is possible: %s',
    (PORT) =>
      expect(problemsOf({ ...LEAST, PORT })).toEqual([
        'PORT expects a whole number from 1 to 65535',
      ]),
  );
});

describe('secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (content: string) => {
    const path = join(folder, 'secret');
    writeFileSync(path, content);
    return path;
  };
  const VALUES: Record<string, string> = {
    DATABASE_URL: 'postgres://bridge@db/bridge',
    SECRET_KEY: 'another-secret-key-of-32-characters',
  };

  /** What must stand beside it. */
  const AROUND: Record<string, Record<string, string>> = {
    MEDIA_S3_SECRET_ACCESS_KEY: {
      PUBLIC_URL: 'https://bridge.example.test',
      MEDIA_S3_BUCKET: 'copies',
      MEDIA_S3_ACCESS_KEY_ID: 'spec-key',
    },
  };

  it.each(SECRETS)('may come as a file: %s', (name) => {
    const value = VALUES[name] ?? 'from-a-file';
    const { [name as keyof typeof LEAST]: _, ...least } = { ...LEAST, ...OAUTH };
    const rest = { ...least, ...AROUND[name] };
    const given = toConfig({ ...rest, [name]: value });
    expect(toConfig({ ...rest, [`${name}_FILE`]: file(`${value}\n`) })).toEqual(given);
    expect(given).not.toEqual(toConfig({ ...rest, [name]: `${value}2` }));
  });

  it('count as they are given before they count as a file', () => {
    const both = { ...LEAST, EDNA_API_KEY_FILE: file('from-a-file') };
    expect(toConfig(both).lines[0]?.edna.apiKey).toBe('spec-api-key');
    expect(toConfig({ ...both, EDNA_API_KEY: '' }).lines[0]?.edna.apiKey).toBe('from-a-file');
  });

  it('in a file that cannot be read are named once, by the file’s variable and without its path', () => {
    const { EDNA_API_KEY: _, ...rest } = LEAST;
    const problems = problemsOf({ ...rest, EDNA_API_KEY_FILE: join(folder, PLANTED) });
    expect(problems).toEqual(['EDNA_API_KEY_FILE expects the path of a file that can be read']);
  });

  it('in an empty file are unset', () => {
    const { EDNA_API_KEY: _, ...rest } = LEAST;
    const problems = problemsOf({ ...rest, EDNA_API_KEY_FILE: file('\n') });
    expect(named(problems)).toEqual(['EDNA_API_KEY']);
  });

  it('are all there is that may come as a file', () => {
    expect(toConfig({ ...LEAST, HOST_FILE: file('10.0.0.1') }).host).toBe('0.0.0.0');
  });
});

describe('.env.sample', () => {
  const lines = readFileSync(new URL('../.env.sample', import.meta.url), 'utf8').split('\n');
  const settings = lines.flatMap((line, i) => {
    const [, name, value] = /^([A-Z\d_]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, value, before: lines[i - 1] ?? '' }];
  });

  it('has every variable, once, and no other', () => {
    expect(settings.map(({ name }) => name).toSorted()).toEqual(
      Object.keys(new Environment()).toSorted(),
    );
  });

  it('has their defaults', () => {
    const defaults = Object.entries(new Environment()).map(([name, value]): [string, string] => [
      name,
      String(value ?? ''),
    ]);
    expect(Object.fromEntries(settings.map(({ name, value }) => [name, value]))).toEqual(
      Object.fromEntries(defaults),
    );
  });

  it('has a comment before each', () => {
    const bare = settings.filter(({ before }) => !before.startsWith('# '));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it('says of each secret that it may come as a file', () => {
    const text = lines.join('\n');
    expect(SECRETS.filter((name) => !text.includes(`${name}_FILE`))).toEqual([]);
  });

  it('works with docker run --env-file: comments on lines of their own, no quotes, no blanks', () => {
    for (const line of lines) expect(line).toMatch(/^(|#.*|[A-Z\d_]+=([^\s"'#][^"'#]*)?)$/);
  });
});
