import type { Language } from '../../domain/reasons.js';

/* What an administrator of amoCRM reads in the widget: what is wrong, and how to mend it. */

type Values = Readonly<Record<string, string>>;

const TEXTS = {
  // Of the whole account.
  'no-lines': {
    ru: 'Ни одна линия моста не относится к {host}. Задайте в его настройках AMOCRM_BASE_URL=https://{host} (в LINES_FILE: base_url).',
    en: 'No line of the bridge belongs to {host}. Set AMOCRM_BASE_URL=https://{host} in its settings (base_url in LINES_FILE).',
  },
  'signature-off': {
    ru: 'Подпись хуков не проверяется: уберите AMOCRM_WEBHOOK_SIGNATURE=off.',
    en: 'Signatures of hooks are not checked: remove AMOCRM_WEBHOOK_SIGNATURE=off.',
  },
  // Of one line.
  'switched-off': {
    ru: 'Канал отключён администратором. Сообщения клиентов ждут в мосте; чтобы они пришли, подключите канал.',
    en: 'An administrator has disconnected the channel. Messages of clients wait in the bridge; connect it to get them.',
  },
  'not-tried': {
    ru: 'Мост только запустился и ещё подключает канал. Обновите список через минуту.',
    en: 'The bridge has just started and is still connecting the channel. Refresh the list in a minute.',
  },
  'wrong-account': {
    ru: 'Линия настроена на другой аккаунт чатов. У этого аккаунта AMOCRM_ACCOUNT_ID (в LINES_FILE: account_id) — {amojoId}.',
    en: 'The line is set up for another chats account. AMOCRM_ACCOUNT_ID (account_id in LINES_FILE) of this one is {amojoId}.',
  },
  'channel-unknown': {
    ru: 'amoCRM не знает такого канала ({code}). Проверьте AMOCRM_CHANNEL_ID и AMOCRM_AMOJO_BASE_URL.',
    en: 'amoCRM knows no such channel ({code}). Check AMOCRM_CHANNEL_ID and AMOCRM_AMOJO_BASE_URL.',
  },
  'channel-refused': {
    ru: 'amoCRM отказала ({code}). Проверьте AMOCRM_CHANNEL_SECRET. Если он верен, попросите поддержку amoCRM разрешить каналу аккаунт {account}.',
    en: 'amoCRM refused ({code}). Check AMOCRM_CHANNEL_SECRET. If it is right, ask amoCRM’s support to open the channel to account {account}.',
  },
  'amocrm-away': {
    ru: 'Сервер чатов amoCRM сейчас не отвечает. Мост повторяет сам; если это надолго, проверьте AMOCRM_AMOJO_BASE_URL.',
    en: 'amoCRM’s chats server does not answer now. The bridge tries again by itself; if it lasts, check AMOCRM_AMOJO_BASE_URL.',
  },
  'amocrm-blocked': {
    ru: 'amoCRM не принимает сообщения этой линии. Они ждут, мост пробует раз в минуту; причина в его логе.',
    en: 'amoCRM takes no messages of this line. They wait, the bridge tries once a minute; its log says why.',
  },
  'edna-blocked': {
    ru: 'edna не принимает запросы, ответы менеджеров не уходят. Проверьте ключ API, канал и деньги на счёте edna.',
    en: 'edna refuses requests, and answers of managers do not go out. Check the API key, the channel and the money at edna.',
  },
  'edna-away': {
    ru: 'edna сейчас не отвечает. Ответы менеджеров ждут, мост повторяет сам.',
    en: 'edna does not answer now. Answers of managers wait, the bridge tries again by itself.',
  },
  'webhook-open': {
    ru: 'Вебхук edna открыт для всех: задайте EDNA_WEBHOOK_TOKEN (в LINES_FILE: webhook_token).',
    en: 'The webhook for edna is open to everybody: set EDNA_WEBHOOK_TOKEN (webhook_token in LINES_FILE).',
  },
  fault: {
    ru: 'Ошибка моста. Подробности в его логе.',
    en: 'A fault of the bridge. Its log says more.',
  },
  // Instead of an answer.
  'widget-off': {
    ru: 'Мост не знает интеграцию виджета: задайте AMOCRM_CLIENT_ID и AMOCRM_CLIENT_SECRET.',
    en: 'The bridge does not know the widget’s integration: set AMOCRM_CLIENT_ID and AMOCRM_CLIENT_SECRET.',
  },
  'wrong-token': {
    ru: 'Запрос подписан не той интеграцией. Проверьте AMOCRM_CLIENT_ID и AMOCRM_CLIENT_SECRET: они должны быть от интеграции этого виджета.',
    en: 'Another integration has signed the request. Check AMOCRM_CLIENT_ID and AMOCRM_CLIENT_SECRET: they must be those of this widget’s integration.',
  },
  'token-expired': {
    ru: 'Время запроса не подошло или вышло. Обновите страницу; если не помогло, проверьте часы сервера, на котором стоит мост.',
    en: 'The request came before or after its time. Reload the page; if that does not help, check the clock of the bridge’s server.',
  },
  'token-used': {
    ru: 'Этот запрос уже был. Обновите страницу и повторите.',
    en: 'This request was made already. Reload the page and repeat.',
  },
  'too-many': {
    ru: 'Слишком много запросов. Повторите через полчаса.',
    en: 'Too many requests. Repeat in half an hour.',
  },
  'not-admin': {
    ru: 'Это может только администратор аккаунта.',
    en: 'Only an administrator of the account may do this.',
  },
  'no-such-line': {
    ru: 'Такой линии у этого аккаунта нет. Обновите список.',
    en: 'This account has no such line. Refresh the list.',
  },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

export type WidgetText = keyof typeof TEXTS;

export function widgetText(code: WidgetText, language: Language, values: Values = {}): string {
  return TEXTS[code][language].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** As a browser or the widget says it: `en`, `en-US`; anything that is not known is Russian. */
export function languageOf(said: unknown): Language {
  return typeof said === 'string' && /^(en|es|pt)\b/i.test(said) ? 'en' : 'ru';
}
