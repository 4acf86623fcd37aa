/* i18n: the words of each language, and who names them. */

type Words = ReadonlyMap<string, string>;

/** Every text by the way to it, `lines.title`; anything else than text is named as a mistake. */
export function wordsOf(tree: unknown, problems: string[], file: string): Words {
  const words = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string') words.set(path, value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, one] of Object.entries(value)) walk(one, path ? `${path}.${key}` : key);
    } else problems.push(`${file}: ${path || 'it'} is no text`);
  };
  walk(tree, '');
  return words;
}

/**
 * The languages have the same words, each in its own: an English one with a Russian letter or a .ru address is refused
 * by amoCRM. https://www.amocrm.ru/developers/content/integrations/requirements (copy of 2026)
 */
export function checkWords(languages: ReadonlyMap<string, Words>): string[] {
  const all = new Set([...languages.values()].flatMap((words) => [...words.keys()]));
  return [...languages].flatMap(([language, words]) => {
    const file = `i18n/${language}.json`;
    const missing = [...all].filter((key) => !words.has(key));
    return [
      ...missing.map((key) => `${file}: ${key} is missing`),
      ...[...words].flatMap(([key, text]) => {
        if (text.trim() === '') return [`${file}: ${key} is empty`];
        const isRussian = /\p{Script=Cyrillic}/u.test(text);
        if (language === 'ru' && !isRussian) return [`${file}: ${key} is not Russian`];
        if (language === 'en' && isRussian) return [`${file}: ${key} is not English`];
        if (language === 'en' && /\.ru\b/.test(text))
          return [`${file}: ${key} names a .ru address`];
        return /\b(?:AMO ?CRM|amocrm)\b/.test(text)
          ? [`${file}: ${key}: the name is written "amoCRM"`]
          : [];
      }),
      ...(/amo/i.test(words.get('widget.name') ?? '')
        ? [`${file}: widget.name must not have "amo" in it`]
        : []),
    ];
  });
}
