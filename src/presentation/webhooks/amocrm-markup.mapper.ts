import type { Button, Choice, Keyboard } from '../../domain/message.js';
import { type Fields, isFields, toText, toUrl, toWord } from './wire-values.js';

/* What stands under a manager's or a robot's words: https://www.amocrm.ru/developers/content/chats/chat-webhooks */

/** Rows of buttons; none where nothing in them can be pressed. */
export function toKeyboard(buttons: unknown): Keyboard | undefined {
  const rows = listOf(buttons)
    .map((row) => (Array.isArray(row) ? fieldsIn(row) : fieldsIn([row])).flatMap(toButton))
    .filter((row) => row.length > 0);
  return rows.length > 0 ? rows : undefined;
}

/** A button's text is passed on to the letter: robots compare what is pressed with it. */
function toButton(button: Fields): Button[] {
  const text = toText(button.text);
  const url = toUrl(button.url);
  if (text.trim() === '') return [];
  return [url === undefined ? { text } : { text, url }];
}

/**
 * A list to pick from, in words: its rows are numbered through all sections, and the line above them says what to
 * answer, with the words of the list's own button. The client answers with a number or a title.
 */
export function toList(list: unknown): { text: string; choices?: readonly Choice[] } | undefined {
  if (!isFields(list)) return undefined;
  const choices: Choice[] = [];
  const lines = fieldsIn(listOf(list.sections)).flatMap((section) => {
    const rows = fieldsIn(listOf(section.rows)).flatMap((row) => {
      const title = toWord(row.title);
      if (title === undefined) return [];
      choices.push({ title, data: toText(row.callback_data) || title });
      const about = toWord(row.description);
      return `${choices.length}. ${title}${about === undefined ? '' : ` — ${about}`}`;
    });
    return rows.length > 0 ? [toWord(section.title), ...rows] : [];
  });
  const numbers = choices.length === 1 ? '1' : `1–${choices.length}`;
  const ask = choices.length > 0 ? `${toWord(list.button) ?? '↩'}: ${numbers}` : undefined;
  const text = [toWord(list.header), toWord(list.body), ask, ...lines, toWord(list.footer)]
    .filter((line) => line !== undefined)
    .join('\n');
  if (text === '') return undefined;
  return choices.length > 0 ? { text, choices } : { text };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldsIn(values: readonly unknown[]): readonly Fields[] {
  return values.filter(isFields);
}
