import 'reflect-metadata';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayNotEmpty,
  Equals,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsUUID,
  Matches,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { EdnaSide } from './domain/line.js';
import type { LineSettings } from './line-settings.js';
import { aKey, aNumber, oneOf, SEND_PATHS, url, withoutSlash } from './rules.js';

/* The file of lines as an operator writes it. Keys are those of the environment, in small letters. */

/** What a line takes that says nothing of it: the environment's own. */
export interface LineDefaults {
  readonly edna: Pick<
    EdnaSide,
    'baseUrl' | 'imType' | 'subscriberIdType' | 'phoneCountry' | 'sessionWindowHours'
  >;
  readonly amo: {
    readonly knownClient?: 'link' | 'let-amo';
    readonly baseUrl: string;
    readonly title: string;
    readonly hookApiVersion: string;
  };
}

/** A number in YAML is an id here; an id with more digits than a number holds is written in quotes. */
const AsText = () =>
  Transform(({ value }: { value: unknown }) => {
    return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  });
const AsTexts = () =>
  Transform(({ value }: { value: unknown }) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((one) =>
      typeof one === 'number' && Number.isSafeInteger(one) ? String(one) : one,
    );
  });

const aWord = () =>
  Matches(/^\S(.*\S)?$/, { message: 'expects a text that does not begin or end with a blank' });

/** One value, or two while one is being changed for the other: the new one first. */
const oneOrTwo = (what: string) => (target: object, name: string) => {
  AsTexts()(target, name);
  ArrayMinSize(1, { message: `is required: ${what}` })(target, name);
  ArrayMaxSize(2, { message: 'expects one value, or two: the new one and the one before it' })(
    target,
    name,
  );
  Matches(/^[\x21-\x7e]+$/, {
    each: true,
    message: `is required: ${what}, in Latin letters without blanks`,
  })(target, name);
};

const perhaps = () => IsOptional();

const areAliases = () =>
  ValidateBy(
    {
      name: 'areAliases',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          Object.entries(value)
            .flat()
            .every(
              (one) => /^[^\s:]+$/.test(String(one)) && ['string', 'number'].includes(typeof one),
            ),
      },
    },
    { message: 'expects <number now>: <number before>, one for each' },
  );

class FileEdna {
  @aKey('the API key of the edna Pulse account') api_key!: string;
  @perhaps() @url('https://app.edna.ru') base_url?: string;
  @perhaps()
  @AsTexts()
  @ArrayNotEmpty({ message: 'expects at least one channel' })
  @Matches(/^[^\s:]+$/, {
    each: true,
    message: 'expects numbers (subjectId), names or messengers of channels',
  })
  channels?: string[];
  @perhaps() @oneOrTwo('the key edna sends with its webhooks') webhook_token?: string[];
  @perhaps()
  @Matches(/^[a-z_]+$/i, { message: 'expects a messenger, such as whatsapp' })
  im_type?: string;
  @perhaps() @oneOf(...SEND_PATHS) send_path?: string;
  @perhaps() @AsText() @aNumber() cascade_id?: string;
  @perhaps()
  @Matches(/^[A-Z_]+$/, { message: 'expects an address type in capitals, such as PHONE' })
  subscriber_id_type?: string;
  @perhaps()
  @Matches(/^[A-Z]{2}$/, { message: 'expects a country in two capitals, such as RU' })
  phone_country?: string;
  @perhaps()
  @AsText()
  @Matches(/^\d{1,4}$/, { message: 'expects hours, such as 24; 0 = no window' })
  session_window_hours?: string;
}

class FileAmocrm {
  @IsUUID('all', { message: 'is required: the channel id, a UUID, as amoCRM’s support sent it' })
  channel_id!: string;
  @oneOrTwo('the secret key of the channel, as amoCRM’s support sent it')
  channel_secret!: string[];
  @ValidateIf(({ account_id, base_url, token }: FileAmocrm) => {
    return account_id !== undefined || !base_url || !token;
  })
  @IsUUID('all', {
    message:
      'is required: the account’s amojo_id, a UUID, not the number of the account (it is looked up where base_url and token are given)',
  })
  account_id?: string;
  @perhaps() @url('https://amojo.amocrm.ru') amojo_base_url?: string;
  @perhaps() @url('https://example.amocrm.ru') base_url?: string;
  @perhaps() @aKey('a long-lived token') token?: string;
  @perhaps() @aWord() title?: string;
  @perhaps() @oneOf('v1', 'v2') hook_api_version?: string;
  /**
   * https://www.amocrm.ru/developers/content/crm_platform/sources-api: 36 printable characters. amoCRM has sources for an
   * integration whose widget was uploaded, and for no other.
   */
  @perhaps()
  @Matches(/^[\x20-\x7e]{1,36}$/, { message: 'expects at most 36 Latin characters' })
  source?: string;
  /** Leads of the source go into it; the source is made where it is not there yet. */
  @perhaps() @IsInt({ message: 'expects the number of a pipeline' }) @Min(1) pipeline_id?: number;
  @perhaps() @oneOf('link', 'let-amo') known_client?: 'link' | 'let-amo';
  @perhaps() @IsBoolean({ message: 'expects true or false' }) default?: boolean;
}

class FileLine {
  @perhaps() @aWord() name?: string;
  @IsObject({ message: 'is required: the edna side' })
  @ValidateNested()
  @Type(() => FileEdna)
  edna!: FileEdna;
  @IsObject({ message: 'is required: the amoCRM side' })
  @ValidateNested()
  @Type(() => FileAmocrm)
  amocrm!: FileAmocrm;
  @perhaps()
  @areAliases()
  aliases?: Record<string, unknown>;
  @perhaps() @Equals(true, { message: 'expects true, or nothing' }) copy?: boolean;
}

export class FileOfLines {
  @IsArray({ message: 'is required: a list' })
  @ArrayNotEmpty({ message: 'is required: a list with at least one line' })
  @ValidateNested({ each: true, message: 'expects a line: edna and amocrm' })
  @Type(() => FileLine)
  lines!: FileLine[];
}

/** @param line that was checked */
export function toSettings(
  { name, edna, amocrm, aliases, copy }: FileLine,
  defaults: LineDefaults,
): LineSettings {
  const replaces = replacesOf(aliases);
  const channels = edna.channels && [...new Set([...edna.channels, ...replaces.keys()])];
  const numbers = channels?.filter((channel) => /^\d+$/.test(channel)) ?? [];
  const [channelSecret = '', previousSecret] = amocrm.channel_secret;
  const { session_window_hours: hours } = edna;
  const knownClient = amocrm.known_client ?? defaults.amo.knownClient;
  return {
    ...(name !== undefined && { name }),
    edna: {
      ...defaults.edna,
      apiKey: edna.api_key,
      ...(edna.base_url && { baseUrl: withoutSlash(edna.base_url) }),
      ...(edna.im_type && { imType: edna.im_type.toLowerCase() }),
      sendPath: edna.send_path,
      cascadeId: edna.cascade_id,
      // Where a manager writes first and nothing names a channel, it is the line's first.
      subjectId: numbers[0],
      ...(channels && { channels }),
      ...(replaces.size > 0 && { replaces }),
      ...(edna.subscriber_id_type && { subscriberIdType: edna.subscriber_id_type }),
      webhookTokens: edna.webhook_token ?? [],
      ...(edna.phone_country && { phoneCountry: edna.phone_country }),
      ...(hours !== undefined && { sessionWindowHours: Number(hours) }),
    },
    amo: {
      baseUrl: withoutSlash(
        amocrm.amojo_base_url ?? amojoOf(amocrm.base_url) ?? defaults.amo.baseUrl,
      ),
      channelId: amocrm.channel_id,
      channelSecret,
      ...(previousSecret !== undefined && { previousSecret }),
      accountId: amocrm.account_id,
      title: amocrm.title ?? defaults.amo.title,
      hookApiVersion: amocrm.hook_api_version ?? defaults.amo.hookApiVersion,
      ...(amocrm.source !== undefined && { sourceExternalId: amocrm.source }),
      ...(amocrm.pipeline_id !== undefined && { pipelineId: amocrm.pipeline_id }),
      ...(knownClient && { knownClient }),
      ...(amocrm.default && { isDefault: true }),
    },
    crm: {
      baseUrl: amocrm.base_url && withoutSlash(amocrm.base_url),
      token: amocrm.token,
    },
    ...(copy && { isCopy: true }),
  };
}

/** `example.amocrm.ru` has its chats at `amojo.amocrm.ru`, and so have `amocrm.com` and `kommo.com`. */
function amojoOf(baseUrl: string | undefined): string | undefined {
  const { hostname } = baseUrl ? new URL(baseUrl) : { hostname: '' };
  const [, domain] = /^[^.]+\.((?:amocrm\.(?:ru|com))|kommo\.com)$/.exec(hostname) ?? [];
  return domain && `https://amojo.${domain}`;
}

/** By the number of a channel all that it took the place of, also at one remove. */
export function replacesOf(
  aliases: Record<string, unknown> = {},
): ReadonlyMap<string, readonly string[]> {
  const before = new Map(Object.entries(aliases).map(([now, was]) => [now, String(was)]));
  const chainOf = (now: string): readonly string[] => {
    const chain: string[] = [];
    for (let was = before.get(now); was && !chain.includes(was); was = before.get(was)) {
      chain.push(was);
    }
    return chain;
  };
  const replaced = new Set(before.values());
  const chains = [...before.keys()].map((now) => [now, chainOf(now)] as const);
  // Those in a circle have no latest; they are kept, so that the circle is seen.
  return new Map(chains.filter(([now, chain]) => !replaced.has(now) || chain.includes(now)));
}
