import { dig, isObject, textOrNull } from '../json.ts';

/** Whether a schedule body has a text that edna throws away for the file beside it in WhatsApp. */
export function standsBesideFile(body: unknown): boolean {
  const content = dig(body, 'content', 'whatsappContent');
  return isObject(dig(content, 'attachment')) && (textOrNull(dig(content, 'text')) ?? '') !== '';
}

/** The client's address and the text, in whichever dialect the request speaks. */
export function describe(body: unknown): { address?: string; text?: string } {
  const contents = dig(body, 'content');
  const inner = isObject(contents) ? Object.values(contents).filter(isObject) : [];
  const addresses = [
    dig(body, 'subscriberFilter', 'address'),
    dig(body, 'maxId'),
    dig(body, 'to', 'value'),
    dig(body, 'address'),
    dig(body, 'subject'),
  ];
  const texts = [...inner.map((one) => one.text), dig(contents, 'text'), dig(body, 'text')];
  return { address: firstText(addresses), text: firstText(texts) };
}

function firstText(values: readonly unknown[]): string | undefined {
  return values.find((value) => typeof value === 'string');
}
