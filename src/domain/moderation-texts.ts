import { fill, type Language } from './reasons.js';

/** What an administrator reads under a template that was not approved: the cause, then what to do. */
const REFUSALS = {
  file: {
    ru: 'Файл из amoCRM в edna не передать. Уберите его или создайте шаблон с файлом в edna.',
    en: 'A file of amoCRM cannot go to edna. Remove it, or make the template with a file in edna.',
  },
  'header-field': {
    ru: 'В заголовке есть поле {field}. Уберите его: поля бывают только в тексте.',
    en: 'The header has a field, {field}. Remove it: only the text may have fields.',
  },
  'link-field': {
    ru: 'В ссылке кнопки «{button}» есть поле. Уберите его: поля бывают только в тексте.',
    en: 'The link of the button "{button}" has a field. Remove it: only the text may have fields.',
  },
  'no-example': {
    ru: 'Нет примера для поля {field}. Впишите пример и отправьте ещё раз.',
    en: 'The field {field} has no example. Write one and send it again.',
  },
  'no-category': {
    ru: 'Не выбрана категория. Выберите её и отправьте ещё раз.',
    en: 'No category is chosen. Choose one and send it again.',
  },
  'no-language': {
    ru: 'Не выбран язык. Выберите его и отправьте ещё раз.',
    en: 'No language is chosen. Choose one and send it again.',
  },
  'one-time-code': {
    ru: 'Шаблон с одноразовым кодом создайте в edna: у него особая кнопка, в amoCRM её нет.',
    en: 'Make a template for one-time codes in edna: amoCRM does not have its button.',
  },
  'not-taken': {
    ru: 'edna не приняла шаблон. Исправьте его или создайте в edna. ({code})',
    en: 'edna did not take the template. Mend it, or make it in edna. ({code})',
  },
  'not-approved': {
    ru: 'WhatsApp не одобрил шаблон. Почему, видно в edna; исправьте и отправьте ещё раз.',
    en: 'WhatsApp has not approved the template. See in edna why, mend it and send it again.',
  },
} as const satisfies Record<string, Record<Language, string>>;

export type RefusalKey = keyof typeof REFUSALS;

/** Why a template cannot be approved, and what fills the blanks of the sentence. */
export interface Refusal {
  readonly key: RefusalKey;
  readonly args?: Readonly<Record<string, string>>;
}

export function explainRefusal({ key, args }: Refusal, language: Language): string {
  return fill(REFUSALS[key][language], args);
}
