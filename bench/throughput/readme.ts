import { readFileSync, writeFileSync } from 'node:fs';
import type { Figure, FigureName } from './figure.ts';
import { toCells } from './table.ts';

/** What the README calls them. */
const TITLES = {
  'accept-paused': 'Вебхуков в секунду ÷ без журнала: SQLite, ничего не отправляется',
  'accept-working': 'то же, пока всё отправляется',
  'accept-postgres': 'то же на PostgreSQL, ничего не отправляется',
  'answer-paused': 'Ответ на вебхук, p99 при 500/с ÷ без журнала: ничего не отправляется',
  answer: 'то же, пока всё отправляется',
  'route-manager': 'Сообщений в секунду из конца в конец ÷ простая пересылка, менеджер → клиент',
  'cpu-manager': 'Процессорное время на сообщение ÷ пересылка, менеджер → клиент',
  'route-client': 'Сообщений в секунду ÷ пересылка, клиент → менеджер',
  'cpu-client': 'Процессорное время ÷ пересылка, клиент → менеджер',
  'slow-route': 'Сообщений в секунду ÷ пересылка, платформа отвечает за 50 мс, 256 соединений',
  'slow-answer': 'Ответ на вебхук, p99 ÷ пересылка, платформа отвечает за 50 мс, оба при 500/с',
  'slow-answer-full': 'то же, оба на пределе',
  'latency-answer-p50': 'От ответа на вебхук до начала запроса к платформе при 200/с, p50',
  'latency-answer-p99': 'то же, p99',
  'latency-p50': 'От отправки вебхука до начала запроса к платформе при 200/с, p50',
  'latency-p99': 'то же, p99',
  'memory-idle': 'Память процесса без дела',
  'memory-after': 'после 200 000 сообщений',
  'memory-waiting': 'когда ждёт 1 000 000',
  rows: 'Время на сообщение с 1 000 000 строк в журнале ÷ с 1 000',
  'ready-empty': 'Готов после запуска',
  'ready-waiting': 'Готов после запуска, когда ждёт 100 000',
  poison: 'Сообщений в секунду рядом с очередью, которую держит непроходимое, ÷ без неё',
  replicas:
    'Сообщений в секунду двух экземпляров на одном PostgreSQL ÷ одного, платформа отвечает за 50 мс',
} as const satisfies Record<FigureName, string>;

const BEGIN = '<!-- npm run bench -->';
const END = '<!-- /npm run bench -->';

/** Writes the figures into a page, in place of those between its marks. @throws {Error} where it has none */
export function intoPage(path: string, figures: readonly Figure[], takenOn: string): void {
  const page = readFileSync(path, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for the figures`);
  writeFileSync(path, page.slice(0, from + BEGIN.length) + text(figures, takenOn) + page.slice(to));
}

function text(figures: readonly Figure[], takenOn: string): string {
  const rows = figures.map((one) => {
    const { bound, middle, spread } = toCells(one);
    return `| ${TITLES[one.name]} | ${[bound, middle, spread].map(inRussian).join(' | ')} |`;
  });
  const head = ['| что | граница | медиана | от … до |', '| --- | --- | --- | --- |'];
  return `\n\n${[...head, ...rows].join('\n')}\n\nСнято на машине: ${takenOn}\n\n`;
}

function inRussian(cell: string): string {
  return cell.replaceAll('.', ',').replace('MB', 'МБ').replace('ms', 'мс').replace(/ s$/, ' с');
}
