import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { oneTimeToken, type Integration } from './one-time-token.ts';

const HTML = readFileSync(join(import.meta.dirname, 'account-page.html'), 'utf8');
const JQUERY = join(import.meta.dirname, '../../node_modules/jquery/dist/jquery.js');
const PATH = '/upl/edna_bridge/widget';

/** A widget in the account of somebody who sets it up. */
export interface ShownWidget {
  readonly host: string;
  readonly integration: Integration;
  readonly amojoId: string;
  readonly language: 'ru' | 'en';
  /** What was saved in the widget's settings before. */
  readonly settings: Readonly<Record<string, string>>;
  /** A file of the archive, by its path in it. */
  readonly file: (path: string) => Uint8Array;
}

export interface PageAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
}

/** More than anybody presses buttons. */
const TOKENS = 20;

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
  png: 'image/png',
};

/** What the account's own address answers to the page of the widget's settings. */
export function accountPage(widget: ShownWidget, path: string): PageAnswer {
  if (path === '/') return { status: 200, contentType: 'text/html', body: page(widget) };
  if (path === '/jquery.js') {
    return { status: 200, contentType: 'text/javascript', body: readFileSync(JQUERY) };
  }
  if (path.startsWith(`${PATH}/`)) {
    const contentType = TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    const body = Buffer.from(widget.file(path.slice(PATH.length + 1)));
    return { status: 200, contentType, body };
  }
  return { status: 404, contentType: 'text/plain', body: 'nothing is here' };
}

function page({ host, integration, amojoId, language, settings, file }: ShownWidget): string {
  const json = (path: string) => JSON.parse(Buffer.from(file(path)).toString('utf8')) as unknown;
  const { version } = (json('manifest.json') as { widget: { version: string } }).widget;
  const given = {
    language,
    account: { id: 31_990_077, subdomain: host.split('.')[0], amojo_id: amojoId },
    tokens: Array.from({ length: TOKENS }, () => oneTimeToken(host, integration)),
    code: 'edna_bridge',
    path: PATH,
    version,
    settings,
    words: json(`i18n/${language}.json`),
  };
  const inQuotes = JSON.stringify(given).replace(/[\\'<]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return HTML.replace('__GIVEN__', () => inQuotes).replace('__PATH__', PATH);
}
