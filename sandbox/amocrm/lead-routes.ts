import type { JsonObject } from '../json.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { Crm } from './crm.ts';
import { entriesOf, entryOf, type Entry } from './entry.ts';
import { leadBody, type Lead } from './lead.ts';
import { filterOf, isWith, pageAnswer } from './page.ts';
import { refuseRest } from './problems.ts';
import type { RestApi } from './rest-api.ts';

/** Leads may be written fifty at once. */
const MAX_LEADS = 50;

/** `leads`: enough to see what a message has opened, to close it, and to put one beside a chat. */
export function addLeadRoutes(api: RestApi): void {
  const { server } = api.parts;
  const linksOf = ({ id }: Lead) => ({ self: { href: `${server.url}/api/v4/leads/${id}` } });
  const full = (lead: Lead, crm: Crm, query: URLSearchParams): JsonObject => {
    const contacts = lead.contactIds.map((id, index) => ({
      id,
      is_main: index === 0,
      _links: { self: { href: `${server.url}/api/v4/contacts/${id}` } },
    }));
    const embedded = {
      tags: [],
      companies: [],
      ...(isWith(query, 'contacts') ? { contacts } : {}),
    };
    const more = { _links: linksOf(lead), _embedded: embedded };
    return leadBody(lead, crm.account.accountNumber, more);
  };

  api.resource('/leads', 'leads', {
    get: (request, crm) => {
      const { query } = request;
      const ids = filterOf(query, 'filter[id]');
      const words = (query.get('query') ?? '').toLowerCase();
      const found = crm.cards.leads.filter(
        ({ id, name }) =>
          (ids.length === 0 || ids.includes(String(id))) && name.toLowerCase().includes(words),
      );
      const bodies = found.map((lead) => full(lead, crm, query));
      return pageAnswer(request, server.url, 'leads', bodies);
    },
    post: ({ body }, crm) => {
      const drafts = entriesOf(body, MAX_LEADS).map((entry) => ({
        draft: readLead(entry, crm),
        requestId: entry.requestId,
      }));
      const leads = drafts.map(({ draft, requestId }) => {
        const lead = crm.cards.addLead(draft);
        return { id: lead.id, request_id: requestId, _links: linksOf(lead) };
      });
      const self = { href: `${server.url}/api/v4/leads` };
      return { status: 200, body: { _links: { self }, _embedded: { leads } } };
    },
  });

  api.resource('/leads/:id', 'leads', {
    get: (request, crm) => {
      const lead = crm.cards.lead(Number(request.params.id));
      if (lead === undefined) return { status: 204 };
      return { status: 200, body: full(lead, crm, request.query) };
    },
    patch: (request, crm) => {
      const lead = existing(request, crm);
      const { statusId, pipelineId, ...draft } = readLead(entryOf(request.body), crm);
      Object.assign(lead, draft);
      crm.cards.moveLead(lead, statusId, pipelineId);
      const body = { id: lead.id, updated_at: lead.updatedAt, _links: linksOf(lead) };
      return { status: 200, body };
    },
  });

  api.resource('/leads/:id/link', 'leads', {
    post: (request, crm) => {
      const lead = existing(request, crm);
      const ids = entriesOf(request.body).map((entry) => {
        if (entry.text('to_entity_type') !== 'contacts') throw entry.notAChoice('to_entity_type');
        return contactIn(entry, 'to_entity_id', crm);
      });
      lead.contactIds = [...new Set([...lead.contactIds, ...ids])];
      const links = ids.map((id) => ({
        entity_id: lead.id,
        entity_type: 'leads',
        to_entity_id: id,
        to_entity_type: 'contacts',
      }));
      return { status: 200, body: { _total_items: links.length, _embedded: { links } } };
    },
  });
}

function readLead(entry: Entry, crm: Crm): Partial<Omit<Lead, 'id'>> {
  const contacts = entry.optionalObject('_embedded')?.objects('contacts');
  const draft = {
    name: entry.optionalText('name'),
    price: entry.optionalInteger('price'),
    statusId: entry.optionalInteger('status_id'),
    pipelineId: entry.optionalInteger('pipeline_id'),
    responsibleUserId: entry.optionalInteger('responsible_user_id'),
    contactIds: contacts?.map((contact) => contactIn(contact, 'id', crm)),
  };
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
}

function contactIn(entry: Entry, key: string, { cards }: Crm): number {
  const id = entry.integer(key);
  if (cards.contact(id) === undefined) throw entry.notAChoice(key);
  return id;
}

function existing({ params }: SeenRequest, { cards }: Crm): Lead {
  const lead = cards.lead(Number(params.id));
  if (lead === undefined) throw refuseRest(404, `There is no lead ${params.id}`);
  return lead;
}
