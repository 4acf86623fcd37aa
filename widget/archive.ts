import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** Files of the widget by their paths in the archive. */
export type WidgetFiles = ReadonlyMap<string, Uint8Array>;

export const SOURCE = join(import.meta.dirname, 'src');

/** As amoCRM wants it to be called: https://www.amocrm.ru/developers/content/integrations/upload (copy of 2026-01-07). */
export const ARCHIVE = join(import.meta.dirname, 'dist', 'widget.zip');

/** ZIP knows local time only; this one is the same everywhere. */
const ALWAYS = new Date(1980, 0, 1);

export function readWidget(folder: string = SOURCE): WidgetFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path): [string, Uint8Array] => [
        path.slice(folder.length + 1).replaceAll('\\', '/'),
        readFileSync(path),
      ])
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/**
 * Who helps an account that has the widget; amoCRM shows it beside the widget.
 * @param support an address of mail, or a link
 */
export function withSupport(files: WidgetFiles, support: string): WidgetFiles {
  const text = Buffer.from(files.get('manifest.json') ?? []).toString('utf8');
  const manifest = JSON.parse(text) as { widget: { support: object } };
  manifest.widget.support = support.includes('://') ? { link: support } : { email: support };
  const changed = `${JSON.stringify(manifest, undefined, 2)}\n`;
  return new Map([...files, ['manifest.json', Buffer.from(changed)]]);
}

/** The archive, with the files at its top; the same files always make the same bytes. */
export function pack(files: WidgetFiles): Uint8Array {
  return zipSync(Object.fromEntries(files), { mtime: ALWAYS, level: 9 });
}
