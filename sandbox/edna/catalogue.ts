import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';

export type ChannelType = 'WHATSAPP' | 'VIBER' | 'SMS' | 'PUSH' | 'MAX_BOT' | 'MAX';

/** A channel of the edna account, as `channel-profile` and the stages of cascades show it. */
export interface Channel {
  /** Number of the cabinet's record; not the number cascades and callbacks use. */
  readonly id: number;
  readonly subjectId: number;
  /** The channel's name in requests and callbacks. */
  readonly subject: string;
  readonly name: string;
  readonly type: ChannelType;
  readonly active: boolean;
  readonly locked?: boolean;
  /** Phone of an active WhatsApp channel. */
  readonly channelAttribute?: string;
}

export interface Cascade {
  readonly id: number;
  readonly name: string;
  readonly status: 'ACTIVE' | 'DISABLED';
  /** Names of the channels, in the order of the stages. */
  readonly subjects: readonly string[];
}

export const DEFAULT_CHANNELS: readonly Channel[] = [
  { ...channel(501, 71844, 'acme_wa_main', 'WHATSAPP'), channelAttribute: '79995550100' },
  channel(502, 71845, 'acme_sms', 'SMS'),
  channel(503, 71846, 'acme_viber', 'VIBER'),
  channel(504, 71850, 'acme_max_bot', 'MAX_BOT'),
  channel(505, 71851, 'acme_max', 'MAX'),
  { ...channel(506, 71860, 'acme_wa_new', 'WHATSAPP'), active: false },
];

/** One cascade that is fit for a chat, one of two stages, one that is switched off. */
export const DEFAULT_CASCADES: readonly Cascade[] = [
  { id: 9026, name: 'acme_wa_main', status: 'ACTIVE', subjects: ['acme_wa_main'] },
  { id: 9031, name: 'WA then SMS', status: 'ACTIVE', subjects: ['acme_wa_main', 'acme_sms'] },
  { id: 9040, name: 'acme_wa_old', status: 'DISABLED', subjects: ['acme_wa_main'] },
];

/** A channel with everything that follows from its name. */
export function channel(
  id: number,
  subjectId: number,
  subject: string,
  type: ChannelType,
): Channel {
  return { id, subjectId, subject, name: subject.replaceAll('_', ' '), type, active: true };
}

/** The stage's uuid, the same every time the cascade is listed. */
export function stageUuid(cascade: Cascade, order: number): string {
  const hex = createHash('sha1').update(`${cascade.id}/${order}`).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

/** How long each stage but the last may take until the next one is tried. */
export const STAGE_TTL_MS = 60_000;

/** One item of `cascade/get-all`: each stage holds the next one. */
export function cascadeBody(cascade: Cascade, channels: readonly Channel[]): JsonObject {
  const stages = cascade.subjects.reduceRight<JsonObject[]>((inner, subject, order) => {
    const found = channels.find((one) => one.subject === subject);
    return [
      {
        order,
        uuid: stageUuid(cascade, order),
        decision: order === cascade.subjects.length - 1 ? null : { type: 'TTL', ttl: '00:01:00' },
        subject: {
          id: found?.subjectId ?? 0,
          name: found?.name ?? subject,
          subject,
          type: found?.type ?? 'WHATSAPP',
          tenantId: 1207,
          testing: false,
          locked: found?.locked ?? false,
          approveStatus: 'APPROVED',
        },
        stages: inner,
      },
    ];
  }, []);
  const { id, name, status, subjects } = cascade;
  return { id, name, status, stagesCount: subjects.length, stages };
}

/** One item of `channel-profile`: a channel that is not active has no `subjectId`. */
export function channelBody(one: Channel): JsonObject {
  const { id, name, subjectId, subject, channelAttribute, active, type } = one;
  return {
    id,
    name,
    ...(active ? { subjectId, channelAttribute } : {}),
    subject,
    active,
    registrationStatus: active ? 'DONE_FINISH_REGISTER' : 'NEED_VERIFY',
    type,
  };
}

/** `whatsapp`, in any case → the account's first WhatsApp channel. */
export function channelOfImType(
  imType: unknown,
  channels: readonly Channel[],
): Channel | undefined {
  if (typeof imType !== 'string') return undefined;
  return channels.find((one) => one.type === imType.toUpperCase().replace('-', '_'));
}
