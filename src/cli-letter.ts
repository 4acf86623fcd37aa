import { asFarAsGiven, type Environment } from './config.js';
import type { Language } from './domain/reasons.js';
import type { LineSettings } from './line-settings.js';
import { withoutSlash } from './rules.js';

/*
 * The mail by which a channel is registered with amoCRM's support, with an answer to each of the fourteen questions.
 * https://www.amocrm.ru/developers/content/chats/chat-start (copy of 2026-01-07)
 */

/** What the settings do not say stands in it as `<…>`. */
export interface Letter {
  readonly subject: string;
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  /** What is to be filled in before it is sent. */
  readonly missing: readonly string[];
}

type Both = Readonly<Record<Language, string>>;

/** The icon that amoCRM shows beside a client's name, drawn for the bridge. */
const ICON = 'widget/art/channel.svg';

const DAY_HOURS = 24;

/** @throws {ConfigError} where something is set, and wrong */
export async function letter(chosen?: Language): Promise<Letter & { readonly text: string }> {
  const { env, lines } = await asFarAsGiven();
  const language = chosen ?? env.LANGUAGE;
  const made = toLetter(env, lines, language);
  return { ...made, text: inWords(made, language) };
}

/** @param lines of the file of lines; none: the environment describes the one there is */
export function toLetter(
  settings: Environment,
  lines: readonly LineSettings[],
  language: Language,
): Letter {
  const answers = QUESTIONS.map(({ question, answer }) => ({
    question: question[language],
    answer: answer(settings, lines)[language],
  }));
  const missing = answers.flatMap(({ answer }) => answer.match(/<[^<>]+>/g) ?? []);
  return { subject: SUBJECT[language], answers, missing };
}

function inWords({ subject, answers, missing }: Letter, language: Language): string {
  return [
    subject,
    '',
    GREETING[language],
    '',
    ...answers.map(({ question, answer }, i) => `${i + 1}. ${question}\n   ${answer}`),
    '',
    REQUEST[language],
    ...(missing.length > 0
      ? ['', '---', FILL_IN[language], ...missing.map((one) => `- ${one}`)]
      : []),
  ].join('\n');
}

const SUBJECT: Both = {
  ru: 'Регистрация канала чатов',
  en: 'Registration of a chats channel',
};

const GREETING: Both = {
  ru: 'Здравствуйте! Просим зарегистрировать канал для API чатов. Ответы на ваши вопросы:',
  en: 'Hello! Please register a channel for the Chats API. The answers to your questions:',
};

/** Off until somebody asks for them. */
const REQUEST: Both = {
  ru: 'Просим также включить для канала хуки версии v2, цитаты и пересылку в хуках. В ответ ждём id канала, его код (amo.ext.…), секретный ключ и данные бота.',
  en: 'Please also switch on hooks of version v2, and quotes and forwards in hooks. We look forward to the channel’s id, its code (amo.ext.…), its secret key and its bot.',
};

const FILL_IN: Both = {
  ru: 'Впишите, прежде чем отправить:',
  en: 'Fill in before you send it:',
};

const QUESTIONS: readonly {
  readonly question: Both;
  readonly answer: (settings: Environment, lines: readonly LineSettings[]) => Both;
}[] = [
  {
    question: { ru: 'Название сервиса', en: 'Name of the service' },
    answer: ({ AMOCRM_CONNECT_TITLE: title }) =>
      /^[A-Za-z][\x20-\x7e]*$/.test(title)
        ? { ru: title, en: title }
        : {
            ru: '<название: латиницей, не с цифры>',
            en: '<the name: in Latin letters, not beginning with a digit>',
          },
  },
  {
    question: { ru: 'Webhook URL', en: 'Webhook URL' },
    answer: ({ PUBLIC_URL: url }) => {
      const path = '/webhooks/amocrm/:scope_id';
      if (url) return both(withoutSlash(url) + path);
      return {
        ru: `<внешний https-адрес моста, PUBLIC_URL>${path}`,
        en: `<https address of the bridge, PUBLIC_URL>${path}`,
      };
    },
  },
  {
    question: { ru: 'ID аккаунтов на время разработки', en: 'Account IDs during development' },
    answer: ({ AMOCRM_BASE_URL }, lines) => {
      const urls = lines.length > 0 ? lines.map(({ crm }) => crm.baseUrl) : [AMOCRM_BASE_URL];
      const hosts = urls.map((url) => (url ? ` ${new URL(url).host}` : ''));
      const inEach = (of: (where: string) => string) => [...new Set(hosts.map(of))].join(', ');
      return {
        ru: inEach(
          (where) => `<номер аккаунта${where}: Настройки → Общие настройки, или /api/v4/account>`,
        ),
        en: inEach(
          (where) => `<number of the account${where}: Settings → General, or /api/v4/account>`,
        ),
      };
    },
  },
  {
    question: { ru: 'Поддержка «Написать первым»', en: 'Writing first' },
    answer: () => ({ ru: 'Да, нужна.', en: 'Yes, needed.' }),
  },
  {
    question: {
      ru: 'Временное окно (в секундах) и выбор шаблона после него',
      en: 'Time window (in seconds), and the choice of a template after it',
    },
    answer: (settings, lines) => {
      const hours = windowHours(settings, lines);
      if (hours === 0) return { ru: 'Не нужно.', en: 'Not needed.' };
      const seconds = hours * 3_600;
      return {
        ru: `Да, ${seconds} секунд. Выбор шаблона после окна показывать.`,
        en: `Yes, ${seconds} seconds. Show the choice of a template after it.`,
      };
    },
  },
  {
    question: { ru: 'E-mail для связи при ошибках', en: 'E-mail in case of errors' },
    answer: () => ({ ru: '<почта того, кто следит за мостом>', en: '<mail of whoever runs it>' }),
  },
  {
    question: { ru: 'SVG-иконка канала', en: 'SVG icon of the channel' },
    answer: () => ({
      ru: `В приложении: <приложите ${ICON} или свою: круг, 14×14, до 100 КБ>`,
      en: `Attached: <attach ${ICON}, or your own: a circle, 14×14, up to 100 KB>`,
    }),
  },
  {
    question: { ru: 'client_uuid интеграции', en: 'client_uuid of the integration' },
    answer: ({ AMOCRM_CLIENT_ID: id }) =>
      id
        ? both(id)
        : {
            ru: '<id интеграции: amoМаркет → интеграция → Ключи и доступы>',
            en: '<id of the integration: marketplace → integration → keys>',
          },
  },
  {
    question: { ru: 'Код виджета интеграции', en: 'Code of the integration’s widget' },
    answer: () => ({
      ru: '<код: его показывает amoCRM, когда архив виджета загружен>',
      en: '<the code: amoCRM shows it once the widget’s archive is uploaded>',
    }),
  },
  {
    question: {
      ru: 'Тиражирование на всех пользователей amoCRM',
      en: 'Offering it to all users of amoCRM',
    },
    answer: () => ({
      ru: 'Нет, только для перечисленных аккаунтов.',
      en: 'No, for these accounts only.',
    }),
  },
  {
    question: { ru: 'Хранит ли интеграция файлы', en: 'Does the integration store files' },
    answer: ({ PUBLIC_URL: url, MEDIA_DAYS: days }) =>
      url
        ? {
            ru: `Нет, постоянно не хранит: ссылки на файлы работают от 7 до ${days} дней. Просим загружать файлы сразу.`,
            en: `No, not for good: links to files work for 7 to ${days} days. Please load files at once.`,
          }
        : {
            ru: 'Нет: ссылки на файлы работают около 7 дней. Просим загружать файлы сразу.',
            en: 'No: links to files work for about 7 days. Please load files at once.',
          },
  },
  {
    question: { ru: 'Поддержка реакций', en: 'Reactions' },
    answer: () => ({
      ru: 'Да, любые: от клиента в amoCRM. Реакции менеджеров клиенту не передаются.',
      en: 'Yes, any: of clients to amoCRM. Those of managers are not passed to clients.',
    }),
  },
  {
    question: { ru: 'Поддержка цитирования', en: 'Quotes' },
    answer: () => ({ ru: 'Да.', en: 'Yes.' }),
  },
  {
    question: { ru: 'Поддержка голосовых сообщений', en: 'Voice messages' },
    answer: () => ({ ru: 'Да.', en: 'Yes.' }),
  },
];

/** WhatsApp alone has one of its own. Where lines differ, the longest: the bridge knows the shorter ones itself. */
function windowHours(env: Environment, lines: readonly LineSettings[]): number {
  const said = env.SESSION_WINDOW_HOURS;
  const one = { imType: env.EDNA_IM_TYPE, sessionWindowHours: said ? Number(said) : undefined };
  const sides = lines.length > 0 ? lines.map(({ edna }) => edna) : [one];
  return Math.max(
    ...sides.map(({ imType, sessionWindowHours }) => {
      return sessionWindowHours ?? (imType.toLowerCase() === 'whatsapp' ? DAY_HOURS : 0);
    }),
  );
}

function both(text: string): Both {
  return { ru: text, en: text };
}
