import { createHmac } from 'node:crypto';
import { ConfigModule } from '@nestjs/config';
import { plainToInstance } from 'class-transformer';
import {
  IsIn,
  IsOptional,
  IsUUID,
  Matches,
  MinLength,
  ValidateIf,
  validateSync,
} from 'class-validator';
import type { DynamicModule } from '@nestjs/common';
import { getCountries } from 'libphonenumber-js/min';
import { Settings, type Bucket } from './domain/settings.js';
import { ConfigError } from './config-error.js';
import { readVariables } from './variables.js';
import type { LineSettings } from './line-settings.js';
import { readLines } from './lines-file.js';
import type { LineDefaults } from './lines-file.wire.js';
import { missingForOauth, oauthOf, type OauthSettings } from './oauth-settings.js';
import { aKey, aNumber, given, oneOf, SEND_PATHS, url, whole, withoutSlash } from './rules.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** These also come as `<NAME>_FILE`: the path of a file that holds the value. */
export const SECRETS = [
  'EDNA_API_KEY',
  'EDNA_WEBHOOK_TOKEN',
  'AMOCRM_CHANNEL_SECRET',
  'AMOCRM_TOKEN',
  'AMOCRM_CLIENT_SECRET',
  'SECRET_KEY',
  'ADMIN_TOKEN',
  'DATABASE_URL',
  'MEDIA_S3_SECRET_ACCESS_KEY',
] as const;

/** Needed unless a file has the lines. */
const oneLine = () =>
  ValidateIf((env: Environment, value) => !env.LINES_FILE || value !== undefined);

/** Whether any of a bucket's settings is there: then all that it needs are. */
const hasBucket = (env: Environment) =>
  [
    env.MEDIA_S3_BUCKET,
    env.MEDIA_S3_ENDPOINT,
    env.MEDIA_S3_ACCESS_KEY_ID,
    env.MEDIA_S3_SECRET_ACCESS_KEY,
  ].some((value) => value !== undefined);

/** The environment, as it is checked: each field a variable, each message what it expects. */
export class Environment {
  @whole(1, 65_535) PORT = 8000;
  @Matches(/^[\w.:-]+$/, { message: 'expects an address to listen on, such as 0.0.0.0' })
  HOST = '0.0.0.0';
  @Matches(/^(file:.+|postgres(ql)?:\/\/.+)$/, {
    message: 'expects file:<path> or postgres://<user>:<password>@<host>/<database>',
  })
  DATABASE_URL = 'file:./data/bridge.db';
  /** A bucket for copies needs it: without it no link leads through us, and nothing is copied. */
  @ValidateIf((env: Environment) => env.PUBLIC_URL !== undefined || hasBucket(env))
  @url('https://bridge.example.net')
  PUBLIC_URL?: string;

  /** A file of many lines, instead of the one that the variables below describe. */
  @IsOptional() LINES_FILE?: string;

  @oneLine() @aKey('the API key of the edna Pulse account') EDNA_API_KEY!: string;
  @url('https://app.edna.ru') EDNA_BASE_URL = 'https://app.edna.ru';
  @Matches(/^[a-z_]+$/i, { message: 'expects a messenger, such as whatsapp' })
  EDNA_IM_TYPE = 'whatsapp';
  @IsOptional() @oneOf(...SEND_PATHS) EDNA_SEND_PATH?: string;
  @IsOptional() @aNumber() EDNA_CASCADE_ID?: string;
  @IsOptional() @aNumber() EDNA_SUBJECT_ID?: string;
  @Matches(/^[A-Z_]+$/, { message: 'expects an address type in capitals, such as PHONE' })
  EDNA_SUBSCRIBER_ID_TYPE = 'PHONE';
  @IsOptional() EDNA_WEBHOOK_TOKEN?: string;
  @IsOptional()
  @Matches(/^\d{1,4}$/, { message: 'expects hours, such as 24; 0 = no window' })
  SESSION_WINDOW_HOURS?: string;
  @IsIn(getCountries(), { message: 'expects a country in two capitals, such as RU' })
  PHONE_COUNTRY = 'RU';
  @whole(0, 10_000) EDNA_RATE_PER_SECOND = 20;
  @whole(0, 60) EDNA_ATTACHMENT_WAIT_SECONDS = 5;

  @url('https://amojo.amocrm.ru') AMOCRM_AMOJO_BASE_URL = 'https://amojo.amocrm.ru';
  @oneLine()
  @IsUUID('all', { message: 'is required: the channel id, a UUID, as amoCRM’s support sent it' })
  AMOCRM_CHANNEL_ID!: string;
  @oneLine()
  @given('the secret key of the channel, as amoCRM’s support sent it')
  AMOCRM_CHANNEL_SECRET!: string;
  @ValidateIf(
    (env: Environment) =>
      env.AMOCRM_ACCOUNT_ID !== undefined ||
      (!env.LINES_FILE && (!env.AMOCRM_BASE_URL || !env.AMOCRM_TOKEN)),
  )
  @IsUUID('all', {
    message:
      'is required: the account’s amojo_id, a UUID, not the number of the account (it is looked up where AMOCRM_BASE_URL and AMOCRM_TOKEN are set)',
  })
  AMOCRM_ACCOUNT_ID?: string;
  @given('the name of the channel in amoCRM') AMOCRM_CONNECT_TITLE = 'Integration Channel';
  @oneOf('v1', 'v2') AMOCRM_HOOK_API_VERSION = 'v2';
  @oneOf('on', 'off') AMOCRM_WEBHOOK_SIGNATURE = 'on';
  @IsOptional() @url('https://example.amocrm.ru') AMOCRM_BASE_URL?: string;
  @IsOptional() AMOCRM_TOKEN?: string;
  @oneOf('link', 'let-amo') KNOWN_CLIENT: 'link' | 'let-amo' = 'link';
  @IsOptional()
  @IsUUID('all', { message: 'expects the id of the integration, a UUID' })
  AMOCRM_CLIENT_ID?: string;
  @IsOptional() @aKey('the secret key of the integration') AMOCRM_CLIENT_SECRET?: string;
  @url('https://www.amocrm.ru/oauth') AMOCRM_OAUTH_URL = 'https://www.amocrm.ru/oauth';
  @IsOptional()
  @MinLength(32, { message: 'expects at least 32 characters, such as of openssl rand -hex 32' })
  SECRET_KEY?: string;
  @whole(0, 10_000) AMOJO_RATE_PER_SECOND = 20;

  @oneOf('ru', 'en') LANGUAGE: 'ru' | 'en' = 'ru';
  @oneOf(...LOG_LEVELS) LOG_LEVEL = 'info';
  @oneOf('on', 'off') DOCS = 'on';
  @IsOptional() ADMIN_TOKEN?: string;
  @whole(1, 3_650) RETENTION_DAYS = 30;
  @IsOptional() MEDIA_DIR = './data/media';
  @whole(1, 3_650) MEDIA_DAYS = 30;
  @ValidateIf(hasBucket)
  @Matches(/^[\w.-]{3,63}$/, { message: 'is required: the name of the bucket for copies of files' })
  MEDIA_S3_BUCKET?: string;
  @IsOptional() @url('https://storage.example.net') MEDIA_S3_ENDPOINT?: string;
  @Matches(/^[\w-]+$/, { message: 'expects a region, such as us-east-1' })
  MEDIA_S3_REGION = 'us-east-1';
  @ValidateIf(hasBucket)
  @aKey('the id of an access key for the bucket')
  MEDIA_S3_ACCESS_KEY_ID?: string;
  @ValidateIf(hasBucket)
  @aKey('the secret access key for the bucket')
  MEDIA_S3_SECRET_ACCESS_KEY?: string;
  @IsOptional()
  @Matches(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*\/?$/, {
    message: 'expects a folder in the bucket, such as bridge',
  })
  MEDIA_S3_PREFIX?: string;
  @whole(1, 4_096) CONCURRENCY = 128;
  @whole(1, 7 * 24 * 60) OUTBOUND_TTL_MINUTES = 60;
  @whole(1, 3_600) RETRY_MAX_SECONDS = 300;
  @oneOf('on', 'off') RECONCILE = 'on';
}

/** The settings as the layers take them. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly docs: boolean;
  readonly logLevel: string;
  readonly publicUrl?: string;
  readonly databaseUrl: string;
  readonly settings: Settings;
  /** For copies of files, instead of the folder. */
  readonly bucket?: Bucket;
  readonly lines: readonly LineSettings[];
  /** The file they stand in, where they do. */
  readonly linesFile?: string;
  /** Reads the lines anew, where they stand in a file. @throws {ConfigError} where it is not whole */
  readonly reread?: () => readonly LineSettings[];
  readonly webhookSignature: 'on' | 'off';
  /** The integration whose widget may ask us, where both are set. */
  readonly widget: { readonly clientId?: string; readonly clientSecret?: string };
  /** How access to accounts is given by consent; absent: by long-lived tokens alone. */
  readonly oauth?: OauthSettings;
  /** What operators' requests carry. */
  readonly adminToken: string;
  /** Whether it was chosen; if not, it was made of the channel's secret, which the command line has too. */
  readonly adminTokenChosen: boolean;
}

export { ConfigError };

/** Under this name the ConfigService has it. */
export const CONFIG = 'bridge';

/**
 * Reads and checks the settings: of the process and of `.env`, or just those given.
 * @throws {ConfigError}
 */
export async function configured(
  given?: Readonly<Record<string, string>>,
): Promise<{ module: DynamicModule; config: Config }> {
  let config: Config | undefined;
  const module = await ConfigModule.forRoot({
    isGlobal: true,
    ignoreEnvFile: given !== undefined,
    validate: (found: Record<string, unknown>) => {
      config = toConfig(given ?? found);
      return { [CONFIG]: config };
    },
  });
  if (!config) throw new ConfigError(['nothing was read']);
  return { module, config };
}

/**
 * The settings of the process and of `.env` as they are so far: some are only known once amoCRM's support has answered.
 * @throws {ConfigError} where something is set, and wrong
 */
export async function asFarAsGiven(): Promise<{
  env: Environment;
  /** Of the file of lines, where there is one. */
  lines: readonly LineSettings[];
}> {
  let env: Environment | undefined;
  await ConfigModule.forRoot({
    validate: (found: Record<string, unknown>) => {
      const { values, problems } = readVariables(found, new Environment(), SECRETS);
      env = plainToInstance(Environment, values, { exposeDefaultValues: true });
      for (const problem of problemsOf(env, problems)) {
        if (values[problem.split(' ')[0] ?? ''] !== undefined) problems.push(problem);
      }
      if (problems.length > 0) throw new ConfigError(problems.sort());
      return {};
    },
  });
  if (!env) throw new ConfigError(['nothing was read']);
  const { LINES_FILE } = env;
  return { env, lines: LINES_FILE === undefined ? [] : readLines(LINES_FILE, defaultsOf(env)) };
}

/** @throws {ConfigError} */
export function toConfig(variables: Readonly<Record<string, unknown>>): Config {
  const { values, problems } = readVariables(variables, new Environment(), SECRETS);
  const env = plainToInstance(Environment, values, { exposeDefaultValues: true });
  problems.push(...problemsOf(env, problems));
  if (env.LINES_FILE !== undefined) problems.push(...strayOf(values));
  problems.push(...missingForOauth(env));
  if (problems.length > 0) throw new ConfigError(problems.sort());
  const { LINES_FILE } = env;
  const reread =
    LINES_FILE === undefined ? undefined : () => readLines(LINES_FILE, defaultsOf(env));
  const publicUrl = env.PUBLIC_URL && withoutSlash(env.PUBLIC_URL);
  const oauth = oauthOf(env, publicUrl);
  return {
    port: env.PORT,
    host: env.HOST,
    docs: env.DOCS === 'on',
    logLevel: env.LOG_LEVEL,
    publicUrl,
    databaseUrl: env.DATABASE_URL,
    settings: new Settings({
      language: env.LANGUAGE,
      outboundTtlMs: env.OUTBOUND_TTL_MINUTES * 60_000,
      attachmentWaitMs: env.EDNA_ATTACHMENT_WAIT_SECONDS * 1_000,
      retryMaxMs: env.RETRY_MAX_SECONDS * 1_000,
      concurrency: env.CONCURRENCY,
      ednaRatePerSecond: env.EDNA_RATE_PER_SECOND,
      amojoRatePerSecond: env.AMOJO_RATE_PER_SECOND,
      retentionDays: env.RETENTION_DAYS,
      publicUrl,
      mediaDir: env.MEDIA_DIR,
      mediaDays: env.MEDIA_DAYS,
      reconciles: env.RECONCILE === 'on',
    }),
    bucket: bucketOf(env),
    lines: reread?.() ?? [lineOf(env)],
    ...(reread && { linesFile: LINES_FILE, reread }),
    webhookSignature: env.AMOCRM_WEBHOOK_SIGNATURE === 'off' ? 'off' : 'on',
    widget: { clientId: env.AMOCRM_CLIENT_ID, clientSecret: env.AMOCRM_CLIENT_SECRET },
    ...(oauth && { oauth }),
    adminToken: env.ADMIN_TOKEN ?? derivedToken(env.AMOCRM_CHANNEL_SECRET),
    adminTokenChosen: env.ADMIN_TOKEN !== undefined,
  };
}

/** @param known those of the files that secrets were to come from */
function problemsOf(env: Environment, known: readonly string[]): string[] {
  return validateSync(env, { stopAtFirstError: true })
    .filter(({ property }) => !known.some((one) => one.startsWith(`${property}_FILE `)))
    .map(({ property, constraints }) => {
      return `${property} ${Object.values(constraints ?? {})[0] ?? 'is wrong'}`;
    });
}

/** Variables that describe one line, and stand in the file once there is one. */
const OF_ONE_LINE = [
  'EDNA_API_KEY',
  'EDNA_SEND_PATH',
  'EDNA_CASCADE_ID',
  'EDNA_SUBJECT_ID',
  'EDNA_WEBHOOK_TOKEN',
  'AMOCRM_CHANNEL_ID',
  'AMOCRM_CHANNEL_SECRET',
  'AMOCRM_ACCOUNT_ID',
  'AMOCRM_BASE_URL',
  'AMOCRM_TOKEN',
] as const;

function strayOf(values: Readonly<Record<string, unknown>>): string[] {
  const what = 'is not read while LINES_FILE is set: it belongs into the file, to its line';
  return [
    ...OF_ONE_LINE.flatMap((name) => (values[name] === undefined ? [] : `${name} ${what}`)),
    // It cannot be made of the channel's secret where there are several.
    ...(values['ADMIN_TOKEN'] === undefined ? ['ADMIN_TOKEN is required with LINES_FILE'] : []),
  ];
}

function defaultsOf(env: Environment): LineDefaults {
  return {
    edna: {
      baseUrl: withoutSlash(env.EDNA_BASE_URL),
      imType: env.EDNA_IM_TYPE.toLowerCase(),
      subscriberIdType: env.EDNA_SUBSCRIBER_ID_TYPE,
      phoneCountry: env.PHONE_COUNTRY,
      ...(env.SESSION_WINDOW_HOURS && { sessionWindowHours: Number(env.SESSION_WINDOW_HOURS) }),
    },
    amo: {
      baseUrl: withoutSlash(env.AMOCRM_AMOJO_BASE_URL),
      title: env.AMOCRM_CONNECT_TITLE,
      hookApiVersion: env.AMOCRM_HOOK_API_VERSION,
      knownClient: env.KNOWN_CLIENT,
    },
  };
}

/** The one line that the environment describes. */
function lineOf(env: Environment): LineSettings {
  const { edna, amo } = defaultsOf(env);
  return {
    edna: {
      ...edna,
      apiKey: env.EDNA_API_KEY,
      sendPath: env.EDNA_SEND_PATH,
      cascadeId: env.EDNA_CASCADE_ID,
      subjectId: env.EDNA_SUBJECT_ID,
      ...(env.EDNA_SUBJECT_ID && { channels: [env.EDNA_SUBJECT_ID] }),
      webhookTokens: env.EDNA_WEBHOOK_TOKEN ? [env.EDNA_WEBHOOK_TOKEN] : [],
    },
    amo: {
      ...amo,
      channelId: env.AMOCRM_CHANNEL_ID,
      channelSecret: env.AMOCRM_CHANNEL_SECRET,
      accountId: env.AMOCRM_ACCOUNT_ID,
    },
    crm: {
      baseUrl: env.AMOCRM_BASE_URL && withoutSlash(env.AMOCRM_BASE_URL),
      token: env.AMOCRM_TOKEN,
    },
  };
}

function bucketOf(env: Environment): Bucket | undefined {
  const { MEDIA_S3_BUCKET: name, MEDIA_S3_ENDPOINT: endpoint, MEDIA_S3_PREFIX: prefix } = env;
  const { MEDIA_S3_ACCESS_KEY_ID: accessKeyId, MEDIA_S3_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!name || !accessKeyId || !secretAccessKey) return undefined;
  return {
    name,
    ...(endpoint && { endpoint: withoutSlash(endpoint) }),
    region: env.MEDIA_S3_REGION,
    accessKeyId,
    secretAccessKey,
    prefix: prefix ? `${withoutSlash(prefix)}/` : '',
  };
}

/** Somebody who knows the channel's secret may do anything in the channel anyway. */
function derivedToken(channelSecret: string): string {
  return createHmac('sha256', channelSecret).update('bridge administration').digest('hex');
}
