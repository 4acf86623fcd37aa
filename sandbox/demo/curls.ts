import type { ParcelDraft } from '../outbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { ANNA } from './play.ts';

/**
 * One curl for each webhook, ready for a shell. Each is a message of its own that the twins know,
 * so that what the bridge makes of it is seen on the other side.
 */
export function webhookCurls(sandbox: Sandbox): { edna: string; amocrm: string } {
  const anna = sandbox.client(ANNA);
  const { callback } = anna.prepares('А доставка сегодня возможна?');
  const { hook } = sandbox.manager.prepares(ANNA, 'Да, привезём до 21:00.');
  return { edna: curlOf(callback), amocrm: curlOf(hook) };
}

/** The final newline of a hook is not signed, so the command does without it. */
function curlOf({ url, headers, raw }: ParcelDraft): string {
  const options = Object.entries(headers)
    .filter(([name]) => name !== 'User-Agent')
    .map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return ['curl -sS -X POST', quoted(url ?? ''), ...options, `-d ${quoted(raw.trimEnd())}`].join(
    ' \\\n    ',
  );
}

/** In single quotes a POSIX shell changes nothing; a quote itself is written outside of them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
