import { dig, isObject, shown, textOrNull, type JsonObject } from '../json.ts';
import type { Channel } from './catalogue.ts';
import { refuse } from './refusals.ts';
import { readStructure, WHATSAPP_LIMITS } from './structure.ts';
import type { Template, TemplateButton, TemplateCategory, TemplateContent } from './template.ts';

const NAME_CHARS = 60;
const TYPES = ['OPERATOR', 'USER', 'CUSTOM'];
const CATEGORIES: readonly TemplateCategory[] = ['MARKETING', 'UTILITY', 'AUTHENTICATION'];

/** Body of `message-matchers/get-by-request`: one channel, all types unless some are named. */
export function readTemplateFilter(
  body: unknown,
  channels: readonly Channel[],
): { channel: Channel; types: readonly string[] } {
  const subjectId = dig(body, 'subjectId');
  if (!Number.isInteger(subjectId)) throw no('subjectId is no integer');
  const given = dig(body, 'matcherTypes') ?? [];
  // A bare string was seen to work.
  const types: unknown[] = Array.isArray(given) ? given : [given];
  const unknown = types.findIndex((type) => !TYPES.some((known) => known === type));
  if (unknown !== -1) throw no(`matcherType ${shown(types[unknown])} is unknown`);
  return {
    channel: channelOf(subjectId, channels),
    types: types.length === 0 ? TYPES : types.map(shown),
  };
}

/** Body of `POST message-matchers`: a template that WhatsApp has yet to approve. */
export function readNewTemplate(
  body: unknown,
  channels: readonly Channel[],
): { channels: Channel[]; template: Omit<Template, 'id' | 'createdAt' | 'updatedAt'> } {
  const matcher = dig(body, 'messageMatcher');
  if (!isObject(matcher)) throw no('messageMatcher is no object');
  const subjectIds = dig(body, 'subjectIds');
  if (!Array.isArray(subjectIds) || subjectIds.length === 0) throw no('subjectIds is empty');
  const of = subjectIds.map((id: unknown) => channelOf(id, channels));
  const name = textOrNull(matcher.name) ?? '';
  if (!/^[A-Za-z0-9_]+$/.test(name) || name.length > NAME_CHARS) {
    throw no(`name: latin letters, digits and _, ${NAME_CHARS} at most`);
  }
  const language = textOrNull(matcher.language) ?? '';
  if (language === '') throw no('language is empty');
  const [first] = of;
  if (first === undefined || of.some(({ type }) => type !== matcher.channelType)) {
    throw no('channelType is not that of the channels');
  }
  const category = CATEGORIES.find((one) => one === matcher.category);
  if (category === undefined) throw no(`category ${shown(matcher.category)} is unknown`);
  if (matcher.type !== 'OPERATOR') throw no('type is OPERATOR');
  return {
    channels: of,
    template: {
      name,
      language,
      channelType: first.type,
      content: readContent(matcher.content),
      contentType: category === 'AUTHENTICATION' ? category : 'TEXT',
      category,
      status: 'PENDING',
      locked: false,
      type: 'OPERATOR',
      subjectIds: of.map(({ subjectId }) => subjectId),
    },
  };
}

function readContent(content: unknown): TemplateContent {
  if (!isObject(content)) throw no('content is no object');
  const text = textOrNull(content.text) ?? '';
  if (text === '' || text.length > WHATSAPP_LIMITS.textChars) throw no('content.text');
  const header = readHeader(content.header);
  const { footer, keyboard } = readStructure(
    { footer: content.footer, keyboard: content.keyboard },
    no,
  );
  const examples = content.textExampleParams;
  return {
    attachment: null,
    action: textOrNull(content.action),
    caption: textOrNull(content.caption),
    header,
    text,
    footer: footer === undefined ? null : { text: footer },
    keyboard:
      keyboard === undefined
        ? null
        : {
            rows: keyboard.rows.map(({ buttons }) => ({
              buttons: buttons.map(({ type, ...rest }): TemplateButton => ({
                ...rest,
                buttonType: type,
              })),
            })),
          },
    textExampleParams: Array.isArray(examples) ? examples.map(shown) : [],
  };
}

/** A template describes its header by type, a message by what is in it. */
function readHeader(header: unknown): TemplateContent['header'] {
  if (header === undefined || header === null) return null;
  const headerType = dig(header, 'headerType');
  if (headerType === 'TEXT') {
    const { header: read } = readStructure({ header: { text: dig(header, 'text') } }, no);
    return { headerType, text: read?.text ?? null, attachment: null };
  }
  if (headerType === 'IMAGE' || headerType === 'DOCUMENT' || headerType === 'VIDEO') {
    const attachment = dig(header, 'attachment');
    return { headerType, text: null, attachment: isObject(attachment) ? attachment : null };
  }
  throw no(`headerType ${shown(headerType)} is unknown`);
}

function channelOf(subjectId: unknown, channels: readonly Channel[]): Channel {
  const found = channels.find((one) => one.subjectId === subjectId && one.active);
  if (found === undefined) {
    throw refuse('error-subject-unknown', `no channel ${shown(subjectId)}`);
  }
  return found;
}

function no(violation: string): Error {
  return refuse('message-matcher-request-not-valid', violation);
}

/** Body of the legacy `getOutMessageMatchers` → one item of its `result`. */
export function legacyTemplateBody({
  id,
  name,
  language,
  channelType,
  ...rest
}: Template): JsonObject {
  const { content, category, status, locked, type } = rest;
  const rows = content.keyboard?.rows;
  return {
    id,
    name,
    language,
    imType: channelType.toLowerCase(),
    content: { ...content, keyboard: rows === undefined ? null : { row: rows[0] } },
    category,
    status,
    locked,
    type,
  };
}
