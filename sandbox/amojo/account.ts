import type { Answer } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { AmojoSettings } from './settings.ts';

/** `GET /api/v4/account`: `amojo_id` is there only if it was asked for. */
export function accountAnswer(
  { headers, query }: SeenRequest,
  settings: AmojoSettings,
  url: string,
): Answer {
  if (headers.authorization !== `Bearer ${settings.restToken}`) {
    const body = {
      title: 'Unauthorized',
      type: 'https://httpstatus.es/401',
      status: 401,
      detail: 'Invalid user name or password',
    };
    return { status: 401, body, headers: { 'Content-Type': 'application/problem+json' } };
  }
  const { accountNumber, subdomain, accountId } = settings;
  const wanted = (query.get('with') ?? '').split(',');
  return {
    status: 200,
    body: {
      id: accountNumber,
      name: 'ACME',
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
      is_unsorted_on: true,
      mobile_feature_version: 0,
      is_loss_reason_enabled: true,
      is_helpbot_enabled: false,
      is_technical_account: false,
      contact_name_display_order: 1,
      ...(wanted.includes('amojo_id') ? { amojo_id: accountId } : {}),
      _links: { self: { href: `${url}/api/v4/account` } },
    },
  };
}
