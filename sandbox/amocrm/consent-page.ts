import type { AmojoAccount } from '../amojo/settings.ts';

/** The page on which a user chooses an account, and allows or refuses access to it. */
export function consentPage(query: URLSearchParams, accounts: readonly AmojoAccount[]): string {
  const link = (account: string, consent: 'grant' | 'refuse'): string => {
    const clicked = new URLSearchParams(query);
    clicked.set('account', account);
    clicked.set('consent', consent);
    return `/oauth?${clicked.toString()}`.replaceAll('&', '&amp;');
  };
  const rows = accounts.map(
    ({ accountId, subdomain }) =>
      `<li>${escaped(subdomain)}: <a href="${link(accountId, 'grant')}">Разрешить</a> ` +
      `<a href="${link(accountId, 'refuse')}">Отклонить</a></li>`,
  );
  return [
    '<!doctype html><html lang="ru"><meta charset="utf-8"><title>amoCRM</title>',
    '<h1>Предоставить доступ интеграции?</h1>',
    `<ul>${rows.join('')}</ul></html>`,
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
