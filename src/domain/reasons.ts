/** The languages managers read in. */
export type Language = 'ru' | 'en';

/**
 * Why a message did not arrive: one row for each reason, with the amoCRM error code it is shown under.
 * 901: the client deleted the conversation, 902: the channel is off, 903: a fault at the channel,
 * 904: no such client there, 905: anything else.
 */
const REASONS = {
  'window-closed': {
    code: 905,
    ru: 'Прошло 24 часа с последнего сообщения клиента. Отправьте шаблон.',
    en: 'The 24-hour window has closed. Send a template.',
  },
  'template-mismatch': {
    code: 905,
    ru: 'Текст не совпал с одобренным шаблоном. Меняйте только поля.',
    en: 'The text matches no approved template. Change only its fields.',
  },
  'no-messenger': {
    code: 904,
    ru: 'На этом номере нет {channel}. Позвоните или выберите другой канал.',
    en: 'This number is not on {channel}. Call, or pick another channel.',
  },
  'bad-number': {
    code: 904,
    ru: 'Телефон записан неверно. Исправьте в карточке: +7 и 10 цифр.',
    en: 'The phone number is wrong. Correct it in the card.',
  },
  'client-blocked': {
    code: 905,
    ru: 'Клиент недоступен: он заблокировал нас, или его номер заблокирован.',
    en: 'The client has blocked us, or their number is blocked.',
  },
  cancelled: {
    code: 905,
    ru: 'Похоже, такой текст уже отправлен меньше 20 минут назад. Измените его.',
    en: 'It seems the same text was sent within 20 minutes. Change it.',
  },
  expired: {
    code: 905,
    ru: 'Не доставлено в срок: телефон клиента выключен или не в сети.',
    en: "Not delivered in time: the client's phone is off or offline.",
  },
  'no-money': {
    code: 902,
    ru: 'Закончились деньги на счёте edna. Сообщите администратору.',
    en: 'The edna account is out of money. Tell the administrator.',
  },
  'channel-off': {
    code: 902,
    ru: 'Канал отключён в edna. Сообщите администратору.',
    en: 'The channel is switched off in edna. Tell the administrator.',
  },
  'edna-refused': {
    code: 902,
    ru: 'edna не приняла запрос: ключ или настройки канала. Сообщите администратору. ({code})',
    en: 'edna refused the request: key or channel settings. Tell the administrator. ({code})',
  },
  'not-accepted': {
    code: 905,
    ru: 'edna не приняла сообщение. ({code})',
    en: 'edna did not accept the message. ({code})',
  },
  'edna-fault': {
    code: 903,
    ru: 'Сбой на стороне edna. Повторите через несколько минут.',
    en: 'edna has a fault. Repeat in a few minutes.',
  },
  'gave-up': {
    code: 903,
    ru: 'Не отправлено: edna не отвечает {time}. Отправьте ещё раз.',
    en: 'Not sent: edna has not answered for {time}. Send it again.',
  },
  'too-large': {
    code: 905,
    ru: '{kind} {size}, предел канала {limit}. Сожмите или пришлите ссылку.',
    en: '{kind} {size}, the channel takes {limit}. Compress it or send a link.',
  },
  'file-failed': {
    code: 905,
    ru: 'Не удалось передать файл. Прикрепите его ещё раз.',
    en: 'The file could not be passed on. Attach it again.',
  },
  'half-sent': {
    code: 905,
    ru: 'Файл доставлен, подпись нет: {reason}. Файл не повторяйте.',
    en: 'The file arrived, its caption did not: {reason}. Do not send the file again.',
  },
  'unknown-outcome': {
    code: 905,
    ru: 'Неизвестно, дошло ли: связь оборвалась. Уточните у клиента, прежде чем повторять.',
    en: 'It may or may not have arrived. Ask the client before repeating.',
  },
  'not-supported': {
    code: 905,
    ru: 'Канал не передаёт такие сообщения ({kind}). Отправьте текст или файл.',
    en: 'The channel cannot carry this ({kind}). Send text or a file.',
  },
  /** In the words, and with the code, of the program that told us. */
  told: { code: 905, ru: '{text}', en: '{text}' },
  'amo-rejected': {
    code: 905,
    ru: 'amoCRM не принимает это сообщение ({code}). Клиенту в чате оставлена пометка.',
    en: 'amoCRM does not accept this message ({code}). A note stands in the chat.',
  },
  'amo-poison': {
    code: 905,
    ru: 'amoCRM отвечает ошибкой именно на это сообщение. Повторите позже.',
    en: 'amoCRM fails on just this message. Resend it later.',
  },
} as const satisfies Record<string, { code: number; ru: string; en: string }>;

export type ReasonKey = keyof typeof REASONS;

/** A reason and what fills its blanks. Stored and passed on in this form; turned into words only for the reader. */
export interface Reason {
  readonly key: ReasonKey;
  readonly args?: Readonly<Record<string, string>>;
}

/** What stands in the chat for what amoCRM cannot show. */
const SUBSTITUTES = {
  'unknown-type': {
    ru: '[Сообщение вида {kind}: посмотрите в edna]',
    en: '[A message of kind {kind}: see it in edna]',
  },
  order: {
    ru: '[Заказ из каталога: откройте в edna]',
    en: '[An order from the catalogue: open it in edna]',
  },
  withheld: {
    ru: '[{channel} не передал это сообщение. Попросите клиента написать текстом]',
    en: '[{channel} withheld this message. Ask the client to write it]',
  },
  'file-failed': {
    ru: '[Файл не загрузился. Попросите прислать ещё раз]',
    en: '[The file did not load. Ask the client to send it again]',
  },
  'not-passed-on': {
    ru: '[Сообщение клиента не удалось передать. Посмотрите в edna]',
    en: '[A message of the client could not be passed on. See it in edna]',
  },
} as const satisfies Record<string, { ru: string; en: string }>;

export type SubstituteKey = keyof typeof SUBSTITUTES;

/** The longest text a manager is shown with a failed message. */
export const REASON_CHARS = 120;

/** What a manager reads under a failed message, and the amoCRM code it goes with. */
export function explain(reason: Reason, language: Language): { code: number; text: string } {
  const row = REASONS[reason.key];
  const told = reason.key === 'told' ? Number(reason.args?.['code']) : Number.NaN;
  return {
    code: Number.isInteger(told) ? told : row.code,
    text: shorten(textOf(reason, language), REASON_CHARS),
  };
}

/** A reason that names another one (`half-sent`) shows the cause of that, without its advice. */
function textOf({ key, args = {} }: Reason, language: Language): string {
  const { reason } = args;
  if (reason === undefined || !isReasonKey(reason)) return fill(REASONS[key][language], args);
  const inner = fill(REASONS[reason][language], args);
  const cause = /^(.+?)[.:](\s|$)/.exec(inner)?.[1] ?? inner;
  const inside = cause.startsWith('edna') ? cause : cause.charAt(0).toLowerCase() + cause.slice(1);
  // What follows the cause is the advice, and must be there to the end.
  const outside = fill(REASONS[key][language], { ...args, reason: '·' }).length - 1;
  return fill(REASONS[key][language], { ...args, reason: shorten(inside, REASON_CHARS - outside) });
}

/** What a manager reads in place of a message. */
export function substitute(
  key: SubstituteKey,
  language: Language,
  args?: Readonly<Record<string, string>>,
): string {
  return fill(SUBSTITUTES[key][language], args);
}

export function isReasonKey(text: string): text is ReasonKey {
  return Object.hasOwn(REASONS, text);
}

/** A blank nobody filled is left out together with the brackets and the spaces around it. */
export function fill(text: string, args: Readonly<Record<string, string>> = {}): string {
  return text
    .replace(/ ?\(?\{(\w+)\}\)?/g, (blank, name: string) => {
      const value = args[name];
      return value ? blank.replace(`{${name}}`, () => value) : '';
    })
    .replace(/^ /, '');
}

function shorten(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}
