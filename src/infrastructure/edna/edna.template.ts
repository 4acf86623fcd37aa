import type { MessengerTemplate, TemplateButton, TemplateHeader } from '../../domain/templates.js';
import { dig, idOf, isObject, textOf } from '../json.js';

/** https://docs.edna.io/kb/get-list-of-templates; any object inside may be null. */
export function toTemplate(item: unknown): MessengerTemplate | undefined {
  const id = idOf(dig(item, 'id'));
  const content = dig(item, 'content');
  if (!id || !isObject(content)) return undefined;
  const rows = dig(content, 'keyboard', 'rows');
  const examples = content['textExampleParams'];
  return {
    id,
    name: textOf(dig(item, 'name')) ?? id,
    status: upper(dig(item, 'status')) ?? '',
    isLocked: dig(item, 'locked') === true,
    contentType: upper(dig(item, 'contentType')) ?? 'TEXT',
    channelType: upper(dig(item, 'channelType')) ?? '',
    category: upper(dig(item, 'category')),
    language: textOf(dig(item, 'language')),
    text: textOf(content['text']) ?? '',
    examples: Array.isArray(examples) ? examples.flatMap((one) => idOf(one) ?? []) : [],
    header: toHeader(content['header']),
    footer: textOf(dig(content, 'footer', 'text')),
    rows: (Array.isArray(rows) ? rows : []).map(toRow).filter((row) => row.length > 0),
    // No page of edna's has it; should it come, an administrator is to read it.
    rejectReason: textOf(dig(item, 'rejectReason')) ?? textOf(dig(item, 'reason')),
  };
}

const MEDIA = { IMAGE: 'picture', VIDEO: 'video', DOCUMENT: 'file' } as const;

function toHeader(header: unknown): TemplateHeader | undefined {
  if (!isObject(header)) return undefined;
  const type = upper(header['headerType']) ?? 'TEXT';
  const kind = Object.entries(MEDIA).find(([word]) => word === type)?.[1];
  if (kind) {
    const url = textOf(dig(header, 'attachment', 'fileUrl'));
    const name = textOf(dig(header, 'attachment', 'originalFileName'));
    return { kind, ...(url && { url }), ...(name && { name }) };
  }
  const text = textOf(header['text']);
  return text === undefined ? undefined : { kind: 'text', text };
}

function toRow(row: unknown): readonly TemplateButton[] {
  const buttons = dig(row, 'buttons');
  return (Array.isArray(buttons) ? buttons : []).map(toButton);
}

function toButton(button: unknown): TemplateButton {
  const text = textOf(dig(button, 'text')) ?? '';
  const type = upper(dig(button, 'buttonType')) ?? '';
  const otpType = upper(dig(button, 'otpType'));
  const url = textOf(dig(button, 'url'));
  const phone = textOf(dig(button, 'phone'));
  const payload = textOf(dig(button, 'payload'));
  if (otpType) return { kind: 'other', text, type: otpType };
  if (type === 'URL' && url) return { kind: 'url', text, url };
  if (type === 'PHONE' && phone) return { kind: 'phone', text, phone };
  if (type === 'QUICK_REPLY') return { kind: 'reply', text, ...(payload && { payload }) };
  return { kind: 'other', text, type };
}

function upper(value: unknown): string | undefined {
  return textOf(value)?.toUpperCase();
}
