import type { WidgetFiles } from './archive.ts';
import { checkScript, checkStyle } from './check-code.ts';
import { checkManifest } from './check-manifest.ts';
import { checkWords, wordsOf } from './check-words.ts';
import { isAnimated, LOGOS, MOST_BYTES, sizeOf, TOUR } from './images.ts';

/** What an archive may hold; amoCRM asks for nothing else to be in it. */
const ALLOWED = /^(?:manifest\.json|script\.js|style\.css|i18n\/[a-z]{2}\.json|images\/\w+\.png)$/;

const NEEDED = ['manifest.json', 'script.js', ...Object.keys(LOGOS)];

/** Everything under this class is ours. */
const ROOT_CLASS = '.edna-bridge';

/** Everything amoCRM would refuse, and whatever would not work. Empty: the archive is good. */
export function problemsOf(files: WidgetFiles): string[] {
  const problems: string[] = [];
  for (const name of files.keys()) {
    if (!ALLOWED.test(name)) problems.push(`${name} does not belong into the archive`);
  }
  for (const name of NEEDED) if (!files.has(name)) problems.push(`${name} is missing`);

  const manifest = checkManifest(parse(files, 'manifest.json', problems), problems);
  const languages = new Map(
    [...files.keys()]
      .filter((name) => name.startsWith('i18n/'))
      .map((name) => [name.slice(5, 7), wordsOf(parse(files, name, problems), problems, name)]),
  );
  for (const language of manifest.languages) {
    if (!languages.has(language)) problems.push(`i18n/${language}.json is missing`);
  }
  for (const [language, words] of languages) {
    if (!manifest.languages.includes(language)) {
      problems.push(`i18n/${language}.json is in no widget.locale`);
    }
    for (const key of manifest.words) {
      if (!words.has(key)) problems.push(`i18n/${language}.json: ${key} is missing`);
    }
  }
  problems.push(...checkWords(languages));
  const [words = new Map<string, string>()] = languages.values();
  if (files.has('script.js'))
    problems.push(...checkScript(textOf(files, 'script.js', problems), words));
  if (files.has('style.css')) {
    problems.push(...checkStyle(textOf(files, 'style.css', problems), ROOT_CLASS));
  }
  problems.push(...checkImages(files, manifest.tour));
  return [...new Set(problems)];
}

function checkImages(files: WidgetFiles, tour: readonly string[]): string[] {
  const wanted = new Map<string, readonly [number, number]>(Object.entries(LOGOS));
  for (const name of tour) wanted.set(name, TOUR);
  const pictures = [...files].filter(([name]) => name.startsWith('images/'));
  return [
    ...tour.filter((name) => !files.has(name)).map((name) => `${name} is missing`),
    ...pictures.flatMap(([name, bytes]) => {
      const size = sizeOf(bytes);
      const [width, height] = wanted.get(name) ?? [];
      if (width === undefined) return [`${name} is used nowhere`];
      if (!size) return [`${name} is no PNG`];
      const isRight = size[0] === width && size[1] === height;
      return [
        ...(isRight ? [] : [`${name} is ${size.join('×')}, not ${width}×${height}`]),
        ...(bytes.length > MOST_BYTES ? [`${name} is larger than 300 KB`] : []),
        ...(isAnimated(bytes) ? [`${name} moves`] : []),
      ];
    }),
  ];
}

function parse(files: WidgetFiles, name: string, problems: string[]): unknown {
  if (!files.has(name)) return {};
  try {
    return JSON.parse(textOf(files, name, problems));
  } catch {
    problems.push(`${name} is no JSON`);
    return {};
  }
}

/** UTF-8 without a mark at its beginning, lines that end as on Unix. */
function textOf(files: WidgetFiles, name: string, problems: string[]): string {
  const bytes = files.get(name) ?? new Uint8Array();
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    problems.push(`${name} is not UTF-8`);
  }
  if (text.startsWith('\ufeff')) problems.push(`${name} begins with a byte order mark`);
  if (text.includes('\r')) problems.push(`${name} has lines that end with \\r`);
  return text.replace(/^\ufeff/, '');
}
