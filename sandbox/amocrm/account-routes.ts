import type { AmojoSettings } from '../amojo/settings.ts';
import type { Participant } from '../amojo/chat.ts';
import type { Answer } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import type { Crm } from './crm.ts';
import { isWith, pageAnswer } from './page.ts';
import { problem } from './problems.ts';
import type { RestApi } from './rest-api.ts';

/** `account` and `users`. */
export function addAccountRoutes(api: RestApi): void {
  const { settings, server } = api.parts;
  api.resource('/account', 'account', {
    get: ({ query }, crm) => accountAnswer(query, crm, settings, server.url),
  });
  api.resource('/users', 'users', {
    get: (request, { account }) => {
      if (!settings.isAdminToken) return problem(403, 'Users are for administrators only');
      if (settings.integrationKind === 'external') {
        return problem(403, 'External integrations have no users');
      }
      const isAmojoIdAsked = isWith(request.query, 'amojo_id');
      const managers = account.managers ?? settings.managers;
      const users = managers.map((manager, index) => userBody(manager, index, isAmojoIdAsked));
      return pageAnswer(request, server.url, 'users', users);
    },
  });
}

/** `amojo_id` and `drive_url` are there only if they were asked for. */
function accountAnswer(
  query: URLSearchParams,
  { account }: Crm,
  { isUnsortedOn }: AmojoSettings,
  url: string,
): Answer {
  const { accountNumber, subdomain, accountId } = account;
  return {
    status: 200,
    body: {
      id: accountNumber,
      name: subdomain.toUpperCase(),
      subdomain,
      created_at: 1_722_800_000,
      created_by: 0,
      updated_at: 1_722_800_000,
      updated_by: 0,
      current_user_id: 880_011,
      country: 'RU',
      currency: 'RUB',
      currency_symbol: '₽',
      customers_mode: 'disabled',
      is_unsorted_on: isUnsortedOn,
      mobile_feature_version: 0,
      is_loss_reason_enabled: true,
      is_helpbot_enabled: false,
      is_technical_account: false,
      contact_name_display_order: 1,
      ...(isWith(query, 'amojo_id') ? { amojo_id: accountId } : {}),
      ...(isWith(query, 'version') ? { version: 12 } : {}),
      ...(isWith(query, 'drive_url') ? { drive_url: url } : {}),
      _links: { self: { href: `${url}/api/v4/account` } },
    },
  };
}

/** `amojo_id` is null for a user who has never been in a chat. */
function userBody(manager: Participant, index: number, isAmojoIdAsked: boolean): JsonObject {
  const id = 880_011 + index;
  return {
    id,
    name: manager.name,
    email: manager.email ?? `user-${id}@example.net`,
    lang: 'ru',
    rights: { is_admin: index === 0, is_active: true },
    ...(isAmojoIdAsked ? { amojo_id: manager.id || null } : {}),
  };
}
