import { isWebAddress } from '../web-address.ts';
import type { JsonObject } from '../json.ts';
import type { AccountWebhook } from './account-webhooks.ts';
import type { Crm } from './crm.ts';
import { entryOf, type Entry } from './entry.ts';
import { filterOf } from './page.ts';
import { problem } from './problems.ts';
import type { RestApi, RestHandler } from './rest-api.ts';

/** `webhooks`: where the account tells of events. For administrators, and not in every tariff. */
export function addWebhookRoutes(api: RestApi): void {
  const { settings, clock } = api.parts;
  const allowed = (handle: RestHandler): RestHandler => {
    return (request, crm) => {
      // Nobody who calls can help it, or knows before.
      if (!settings.hasWebhooks) {
        return { ...problem(402, 'The tariff has no webhooks'), excused: true };
      }
      return settings.isAdminToken
        ? handle(request, crm)
        : problem(403, 'Webhooks are for administrators only');
    };
  };

  api.resource('/webhooks', 'webhooks', {
    get: allowed(({ query }, crm) => {
      const wanted = filterOf(query, 'filter[destination]');
      const found = crm.webhooks.all.filter(
        ({ destination }) => wanted.length === 0 || wanted.includes(destination),
      );
      if (found.length === 0) return { status: 204 };
      const webhooks = found.map((one) => webhookBody(one, crm));
      return { status: 200, body: { _total_items: found.length, _embedded: { webhooks } } };
    }),
    post: allowed(({ body }, crm) => {
      const entry = entryOf(body);
      const isNew = crm.webhooks.find(entry.text('destination')) === undefined;
      const events = eventsOf(entry);
      const added = crm.webhooks.subscribe(addressOf(entry), events, clock.now());
      return { status: isNew ? 201 : 200, body: webhookBody(added, crm) };
    }),
    delete: allowed(({ body }, crm) => {
      crm.webhooks.remove(addressOf(entryOf(body)));
      return { status: 204 };
    }),
  });
}

function addressOf(entry: Entry): string {
  const destination = entry.text('destination');
  if (isWebAddress(destination)) return destination;
  throw entry.no('destination', 'InvalidValue', 'This value is not a valid URL.');
}

function eventsOf(entry: Entry): readonly string[] {
  const events = entry.raw.settings;
  const isList = Array.isArray(events) && events.length > 0;
  if (!isList || !events.every((one) => /^[a-z]+(_[a-z]+)+$/.test(String(one)))) {
    throw entry.notAChoice('settings');
  }
  return events.map(String);
}

function webhookBody(webhook: AccountWebhook, { account }: Crm): JsonObject {
  const { id, destination, settings, disabled, createdAt } = webhook;
  return {
    id,
    destination,
    created_at: createdAt,
    updated_at: createdAt,
    account_id: account.accountNumber,
    created_by: 880_011,
    sort: 1,
    disabled,
    settings,
  };
}
