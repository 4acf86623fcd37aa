import { Script } from 'node:vm';

/* What amoCRM's people refuse in code: https://www.amocrm.ru/developers/content/integrations/requirements (copy of 2026) */

const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\bhttps?:\/\/(?!\()[a-z\d]/i, 'names an address: everything is asked through the settings'],
  [/\b(?:alert|confirm|prompt)\s*\(/, 'opens a window of the browser'],
  [/\beval\s*\(|\bnew\s+Function\b/, 'runs text as code'],
  [/\bconsole\s*\.\s*(?!debug\b)\w+/, 'writes to the console'],
  [/\bdebugger\b/, 'stops for a debugger'],
  [/\basync\s*:\s*false\b/, 'asks and lets the page wait'],
  [/createElement\(\s*['"]script['"]/, 'loads a script'],
  [/\.innerHTML\b|\.html\s*\(/, 'writes what others say as HTML'],
  [/\bAMOCRM\b/, 'takes AMOCRM, which is on its way out; it is APP'],
];

/** @param words of a language, by the way to them */
export function checkScript(text: string, words: ReadonlyMap<string, string>): string[] {
  const problems = REFUSED.filter(([pattern]) => pattern.test(text)).map(([, what]) => what);
  try {
    void new Script(text);
  } catch (error) {
    problems.push(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!text.startsWith('define([')) problems.push('begins with define([');
  for (const name of ['render', 'init', 'bind_actions', 'settings', 'onSave', 'destroy']) {
    if (!new RegExp(`\\b${name}: function`).test(text)) problems.push(`has no callback ${name}`);
  }
  for (const [, name] of text.matchAll(/\bwords\.(\w+)/g)) {
    if (!words.has(`lines.${name}`)) problems.push(`names lines.${name}, which i18n has not`);
  }
  return [...new Set(problems)].map((what) => `script.js ${what}`);
}

/** Styles stay within the widget, and load nothing. */
export function checkStyle(text: string, root: string): string[] {
  const problems = /@import|url\s*\(/.test(text) ? ['style.css loads something'] : [];
  const selectors = [...text.matchAll(/([^{}]+)\{[^{}]*\}/g)].flatMap(([, list = '']) =>
    list.split(','),
  );
  for (const selector of selectors.map((one) => one.trim())) {
    const isInside = selector === root || selector.startsWith(`${root} `);
    if (!isInside) problems.push(`style.css: ${selector} reaches beyond ${root}`);
  }
  return problems;
}
