import type { Language } from '../../domain/reasons.js';
import type { ConsentMode } from './consent-state.js';

/** How a consent ended, for the administrator who gave it. */
export type ConsentEnd =
  | 'connected'
  | 'denied'
  | 'forged'
  | 'stale'
  | 'incomplete'
  | 'foreign'
  | 'too-many'
  | 'not-taken'
  | 'no-answer'
  | 'not-kept';

const TEXTS = {
  connected: {
    ru: ['Доступ получен', 'Мост подключён к аккаунту. Окно можно закрыть.'],
    en: ['Access given', 'The bridge is connected to the account. You can close this window.'],
  },
  denied: {
    ru: ['Доступ не дан', 'Вы отклонили запрос. Если передумаете, начните подключение ещё раз.'],
    en: ['No access given', 'You refused. If you change your mind, begin again.'],
  },
  forged: {
    ru: [
      'Это подключение начато не здесь',
      'Начните его в этом же браузере: /oauth/amocrm/start. Возможно, он не сохраняет куки.',
    ],
    en: [
      'This was not begun here',
      'Begin in this very browser: /oauth/amocrm/start. It may be refusing cookies.',
    ],
  },
  stale: {
    ru: ['Прошло больше 20 минут', 'Начните подключение ещё раз.'],
    en: ['More than 20 minutes have passed', 'Begin again.'],
  },
  incomplete: {
    ru: ['amoCRM не прислала кода', 'Начните подключение ещё раз.'],
    en: ['amoCRM sent no code', 'Begin again.'],
  },
  foreign: {
    ru: [
      'Это не тот аккаунт',
      'Ни одна линия моста с ним не связана, доступ к нему не сохранён. Выберите аккаунт из настроек моста.',
    ],
    en: [
      'This is another account',
      'No line of the bridge is joined to it, and access to it was not kept. Choose the account of the settings.',
    ],
  },
  'too-many': {
    ru: ['Слишком много попыток', 'Начните подключение ещё раз через минуту.'],
    en: ['Too many tries', 'Begin again in a minute.'],
  },
  'not-taken': {
    ru: [
      'amoCRM отказала',
      'Начните подключение ещё раз; если не поможет, покажите это администратору моста:',
    ],
    en: [
      'amoCRM refused',
      'Begin again; if that does not help, show this to whoever runs the bridge:',
    ],
  },
  'no-answer': {
    ru: ['amoCRM не отвечает', 'Через несколько минут начните подключение ещё раз.'],
    en: ['amoCRM does not answer', 'Begin again in a few minutes.'],
  },
  'not-kept': {
    ru: [
      'Мост не может ничего записать',
      'Скажите об этом его администратору и начните позже ещё раз.',
    ],
    en: ['The bridge cannot keep anything', 'Tell whoever runs it, and begin again later.'],
  },
} as const satisfies Record<ConsentEnd, Record<Language, readonly [string, string]>>;

export const STATUS: Readonly<Record<ConsentEnd, number>> = {
  connected: 200,
  denied: 400,
  forged: 400,
  stale: 400,
  incomplete: 400,
  foreign: 403,
  'too-many': 429,
  'not-taken': 502,
  'no-answer': 502,
  'not-kept': 503,
};

/** Who opened the page hears how it ended; nothing in that is a secret, so it does not matter who that is. */
const TELL = (event: 'connected' | 'failed') =>
  `if (opener) opener.postMessage({ type: 'edna-amocrm-bridge', event: '${event}' }, '*');`;

/** A page that stays has something to say; a window that nobody's page opened does not close anyway. */
const CLOSE = 'if (opener) close();';

/**
 * @param nonce lets the page's own style and script through its policy
 * @param why in words of ours, for `not-taken`
 */
export function consentPage(
  end: ConsentEnd,
  {
    mode,
    language,
    nonce,
    why = '',
  }: {
    readonly mode?: ConsentMode;
    readonly language: Language;
    readonly nonce: string;
    readonly why?: string;
  },
): string {
  const [title, text] = TEXTS[end][language];
  const isDone = end === 'connected';
  const script = [
    mode === 'post_message' ? TELL(isDone ? 'connected' : 'failed') : '',
    mode && isDone ? CLOSE : '',
  ].join('\n');
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style nonce="${nonce}">
body { font: 16px/1.5 system-ui, sans-serif; max-width: 32em; margin: 15vh auto; padding: 0 1em; }
h1 { font-size: 1.3em; }
code { overflow-wrap: anywhere; }
</style>
<h1>${title}</h1>
<p>${text}</p>
${why && `<p><code>${escaped(why)}</code></p>`}
${script.trim() && `<script nonce="${nonce}">\n${script.trim()}\n</script>`}
</html>
`;
}

export function policyOf(nonce: string): string {
  return `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
