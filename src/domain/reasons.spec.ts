import {
  explain,
  isReasonKey,
  REASON_CHARS,
  substitute,
  type Language,
  type ReasonKey,
  type SubstituteKey,
} from './reasons.js';

/** Each reason with blanks as they are filled, the amoCRM code, and what a manager reads. */
const READS: Readonly<
  Record<ReasonKey, { code: number; args?: Record<string, string>; ru: string; en: string }>
> = {
  told: {
    code: 904,
    args: { code: '904', text: 'Номер (новый) не отвечает' },
    ru: 'Номер (новый) не отвечает',
    en: 'Номер (новый) не отвечает',
  },
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
    args: { channel: 'WhatsApp' },
    ru: 'На этом номере нет WhatsApp. Позвоните или выберите другой канал.',
    en: 'This number is not on WhatsApp. Call, or pick another channel.',
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
    args: { code: 'cascade-not-found' },
    ru: 'edna не приняла запрос: ключ или настройки канала. Сообщите администратору. (cascade-not-found)',
    en: 'edna refused the request: key or channel settings. Tell the administrator. (cascade-not-found)',
  },
  'not-accepted': {
    code: 905,
    args: { code: 'error-content-format' },
    ru: 'edna не приняла сообщение. (error-content-format)',
    en: 'edna did not accept the message. (error-content-format)',
  },
  'edna-fault': {
    code: 903,
    ru: 'Сбой на стороне edna. Повторите через несколько минут.',
    en: 'edna has a fault. Repeat in a few minutes.',
  },
  'gave-up': {
    code: 903,
    args: { time: '1 ч 5 мин' },
    ru: 'Не отправлено: edna не отвечает 1 ч 5 мин. Отправьте ещё раз.',
    en: 'Not sent: edna has not answered for 1 ч 5 мин. Send it again.',
  },
  'too-large': {
    code: 905,
    args: { kind: 'Видео', size: '64 МБ', limit: '16 МБ' },
    ru: 'Видео 64 МБ, предел канала 16 МБ. Сожмите или пришлите ссылку.',
    en: 'Видео 64 МБ, the channel takes 16 МБ. Compress it or send a link.',
  },
  'file-failed': {
    code: 905,
    ru: 'Не удалось передать файл. Прикрепите его ещё раз.',
    en: 'The file could not be passed on. Attach it again.',
  },
  'half-sent': {
    code: 905,
    args: { reason: 'вышел срок' },
    ru: 'Файл доставлен, подпись нет: вышел срок. Файл не повторяйте.',
    en: 'The file arrived, its caption did not: вышел срок. Do not send the file again.',
  },
  'unknown-outcome': {
    code: 905,
    ru: 'Неизвестно, дошло ли: связь оборвалась. Уточните у клиента, прежде чем повторять.',
    en: 'It may or may not have arrived. Ask the client before repeating.',
  },
  'not-supported': {
    code: 905,
    args: { kind: 'sticker' },
    ru: 'Канал не передаёт такие сообщения (sticker). Отправьте текст или файл.',
    en: 'The channel cannot carry this (sticker). Send text or a file.',
  },
  'amo-rejected': {
    code: 905,
    args: { code: '400' },
    ru: 'amoCRM не принимает это сообщение (400). Клиенту в чате оставлена пометка.',
    en: 'amoCRM does not accept this message (400). A note stands in the chat.',
  },
  'amo-poison': {
    code: 905,
    ru: 'amoCRM отвечает ошибкой именно на это сообщение. Повторите позже.',
    en: 'amoCRM fails on just this message. Resend it later.',
  },
};
const KEYS = Object.keys(READS) as ReasonKey[];
const LANGUAGES = ['ru', 'en'] as const satisfies readonly Language[];

describe('a reason', () => {
  it.each(KEYS)('%s reads as its row says, under its code', (key) => {
    const { code, args, ru, en } = READS[key];
    expect(isReasonKey(key)).toBe(true);
    expect(explain({ key, args }, 'ru')).toEqual({ code, text: ru });
    expect(explain({ key, args }, 'en')).toEqual({ code, text: en });
  });

  it.each(KEYS.flatMap((key) => LANGUAGES.map((language) => [key, language] as const)))(
    '%s fits into what amoCRM shows (%s), however long its blanks are',
    (key, language) => {
      const { args = {} } = READS[key];
      const usual = explain({ key, args }, language).text;
      expect(Array.from(usual).length).toBeLessThanOrEqual(REASON_CHARS);
      expect(usual).not.toMatch(/…|[{}]/);
      const long = Object.fromEntries(Object.keys(args).map((name) => [name, '👋'.repeat(200)]));
      const text = explain({ key, args: long }, language).text;
      expect(Array.from(text).length).toBeLessThanOrEqual(120);
      expect(text.isWellFormed()).toBe(true);
    },
  );

  it('leaves out a blank nobody filled, with its brackets', () => {
    expect(explain({ key: 'edna-refused' }, 'ru').text).toBe(
      'edna не приняла запрос: ключ или настройки канала. Сообщите администратору.',
    );
    expect(explain({ key: 'not-supported', args: { kind: '' } }, 'en').text).toBe(
      'The channel cannot carry this. Send text or a file.',
    );
    expect(explain({ key: 'gave-up', args: {} }, 'ru').text).toBe(
      'Не отправлено: edna не отвечает. Отправьте ещё раз.',
    );
  });

  it('takes what fills a blank to the letter', () => {
    expect(explain({ key: 'not-accepted', args: { code: '$& {code}' } }, 'en').text).toBe(
      'edna did not accept the message. ($& {code})',
    );
  });

  it.each(KEYS.filter((key) => key !== 'half-sent' && !key.startsWith('amo-')))(
    'why a caption failed after its file went (%s) is in the manager’s words, not a key of ours',
    (key) => {
      const END = { ru: 'Файл не повторяйте.', en: 'Do not send the file again.' };
      for (const language of LANGUAGES) {
        const { text } = explain({ key: 'half-sent', args: { reason: key } }, language);
        expect(Array.from(text).length).toBeLessThanOrEqual(REASON_CHARS);
        expect(text).not.toContain(key.includes('-') ? key : `: ${key}`);
        const words = explain({ key }, language).text.slice(0, 8).toLowerCase();
        expect(text.toLowerCase()).toContain(words);
        expect(text.endsWith(END[language])).toBe(true);
      }
    },
  );

  it('of a half-sent message is told without the advice that goes with the cause', () => {
    const reason = { key: 'half-sent', args: { reason: 'window-closed' } } as const;
    expect(explain(reason, 'ru').text).toBe(
      'Файл доставлен, подпись нет: прошло 24 часа с последнего сообщения клиента. Файл не повторяйте.',
    );
    expect(explain(reason, 'en').text).toBe(
      'The file arrived, its caption did not: the 24-hour window has closed. Do not send the file again.',
    );
  });

  it('is known by its key alone', () => {
    expect(isReasonKey('toString')).toBe(false);
    expect(isReasonKey('')).toBe(false);
  });
});

describe('the line that stands for what amoCRM cannot show', () => {
  const LINES: Readonly<Record<SubstituteKey, { ru: string; en: string }>> = {
    'unknown-type': {
      ru: '[Сообщение вида poll: посмотрите в edna]',
      en: '[A message of kind poll: see it in edna]',
    },
    order: {
      ru: '[Заказ из каталога: откройте в edna]',
      en: '[An order from the catalogue: open it in edna]',
    },
    withheld: {
      ru: '[WhatsApp не передал это сообщение. Попросите клиента написать текстом]',
      en: '[WhatsApp withheld this message. Ask the client to write it]',
    },
    'file-failed': {
      ru: '[Файл не загрузился. Попросите прислать ещё раз]',
      en: '[The file did not load. Ask the client to send it again]',
    },
    'not-passed-on': {
      ru: '[Сообщение клиента не удалось передать. Посмотрите в edna]',
      en: '[A message of the client could not be passed on. See it in edna]',
    },
  };

  it.each(Object.keys(LINES) as SubstituteKey[])('%s', (key) => {
    const args = { kind: 'poll', channel: 'WhatsApp' };
    expect(substitute(key, 'ru', args)).toBe(LINES[key].ru);
    expect(substitute(key, 'en', args)).toBe(LINES[key].en);
  });
});
