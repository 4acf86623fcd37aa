import type { JsonObject } from '../json.ts';
import type { ChannelType } from './catalogue.ts';

export const TEMPLATE_STATUSES = [
  'APPROVED',
  'REJECTED',
  'PENDING',
  'NOT_SENT',
  'ARCHIVED',
  'PAUSED',
  'DISABLED',
] as const;

export type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

export type TemplateCategory = 'MARKETING' | 'UTILITY' | 'AUTHENTICATION';

export interface TemplateButton {
  readonly text: string;
  readonly buttonType: string;
  /** May hold `{{1}}`, the part that changes from message to message. */
  readonly url?: string;
  readonly phone?: string;
  readonly payload?: string;
  /** `COPY_CODE`: the button of a one-time code. */
  readonly otpType?: string;
}

export interface TemplateContent {
  readonly attachment: null;
  readonly action: string | null;
  readonly caption: string | null;
  readonly header: {
    readonly headerType: 'TEXT' | 'IMAGE' | 'DOCUMENT' | 'VIDEO';
    readonly text: string | null;
    readonly attachment: JsonObject | null;
  } | null;
  /** `{{n}}` stands for any text. */
  readonly text: string;
  readonly footer: { readonly text: string } | null;
  readonly keyboard: {
    readonly rows: readonly { readonly buttons: readonly TemplateButton[] }[];
  } | null;
  readonly textExampleParams: readonly string[];
}

/** A template of the account; edna calls it a message matcher, since it is found by its text. */
export interface Template {
  readonly id: number;
  readonly name: string;
  readonly language: string;
  readonly channelType: ChannelType;
  readonly content: TemplateContent;
  readonly contentType: string;
  readonly category: TemplateCategory;
  readonly status: TemplateStatus;
  readonly locked: boolean;
  readonly type: 'OPERATOR' | 'USER' | 'CUSTOM';
  /** ISO 8601 with microseconds and no zone, as edna writes it. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Channels it may be sent through; the lists and callbacks do not tell them. */
  readonly subjectIds: readonly number[];
}

export function isUsable({ status, locked }: Template): boolean {
  return status === 'APPROVED' && !locked;
}

/** One item of the list of templates, and of the callback about their statuses. */
export function templateBody(template: Template): JsonObject {
  return { ...template, subjectIds: undefined };
}

/** Microseconds, no zone. */
export function templateTime(time: number): string {
  return `${new Date(time).toISOString().replace('Z', '')}456`;
}

const BARE: TemplateContent = {
  attachment: null,
  action: null,
  caption: null,
  header: null,
  text: '',
  footer: null,
  keyboard: null,
  textExampleParams: [],
};

const PARCEL_BUTTONS = [
  { text: 'Reschedule', buttonType: 'QUICK_REPLY' },
  { text: 'Track', buttonType: 'URL', url: 'https://track.example.test/{{1}}' },
  { text: 'Call', buttonType: 'PHONE', phone: '79995550100' },
];

const DELIVERY = { headerType: 'TEXT', text: 'Delivery', attachment: null } as const;

/** Templates of the fictional account: every status, every category, with buttons and without. */
export const DEFAULT_TEMPLATES: readonly Template[] = [
  {
    ...template(31_007, 'login_code', '{{1}} is your code', ['402913']),
    category: 'AUTHENTICATION',
    contentType: 'AUTHENTICATION',
    content: {
      ...BARE,
      text: '{{1}} is your code',
      textExampleParams: ['402913'],
      keyboard: {
        rows: [{ buttons: [{ text: 'Copy', buttonType: 'URL', otpType: 'COPY_CODE' }] }],
      },
    },
  },
  {
    ...template(31_008, 'parcel_arrives', '', []),
    content: {
      ...BARE,
      header: DELIVERY,
      text: '{{1}}, your parcel {{2}} arrives on {{3}}.',
      footer: { text: 'Acme' },
      keyboard: { rows: [{ buttons: PARCEL_BUTTONS }] },
      textExampleParams: ['Anna', '118', '4 March'],
    },
  },
  {
    ...template(31_009, 'order_ready', '', []),
    content: {
      ...BARE,
      header: DELIVERY,
      text: 'Order {{1}} is ready',
      footer: { text: 'Acme' },
      textExampleParams: ['118'],
    },
  },
  template(31_010, 'write_first', 'Здравствуйте, {{1}}! Это Acme, ответьте нам, пожалуйста.', [
    'Анна',
  ]),
  {
    ...template(31_011, 'spring_sale', '', []),
    category: 'MARKETING',
    content: {
      ...BARE,
      header: { headerType: 'IMAGE', text: null, attachment: null },
      text: 'До {{1}} на всё скидка {{2}} %.',
      textExampleParams: ['31 мая', '10'],
    },
  },
  { ...template(31_012, 'order_waits', 'Order {{1}} waits', ['118']), status: 'PENDING' },
  { ...template(31_013, 'win_a_car', 'You won {{1}}!!!', ['a car']), status: 'REJECTED' },
  { ...template(31_014, 'we_miss_you', '{{1}}, we miss you', ['Anna']), status: 'PAUSED' },
  { ...template(31_015, 'old_offer', 'The offer {{1}} ends', ['118']), status: 'DISABLED' },
  { ...template(31_016, 'locked_notice', 'Notice {{1}}', ['118']), locked: true },
  { ...template(31_017, 'own_greeting', 'Good day, {{1}}', ['Anna']), type: 'USER' },
];

/** A template of a line of text, approved for the first WhatsApp channel. */
export function template(
  id: number,
  name: string,
  text: string,
  textExampleParams: readonly string[] = [],
): Template {
  return {
    id,
    name,
    language: 'RU',
    channelType: 'WHATSAPP',
    content: { ...BARE, text, textExampleParams },
    contentType: 'TEXT',
    category: 'UTILITY',
    status: 'APPROVED',
    locked: false,
    type: 'OPERATOR',
    createdAt: '2026-01-30T08:00:00.123456',
    updatedAt: '2026-02-03T09:16:00.123456',
    subjectIds: [71_844],
  };
}
