import type { JsonObject } from '../json.ts';
import type { SeenRequest } from '../twin-server.ts';
import { contactBody, readContact, type Contact } from './contact.ts';
import type { Crm } from './crm.ts';
import { entriesOf, entryOf, type Entry } from './entry.ts';
import { filterOf, isWith, pageAnswer } from './page.ts';
import { refuseRest } from './problems.ts';
import type { RestApi } from './rest-api.ts';

/** `contacts`, without their chats. */
export function addContactRoutes(api: RestApi): void {
  const { server } = api.parts;
  const linksOf = ({ id }: Contact) => ({
    self: { href: `${server.url}/api/v4/contacts/${id}` },
  });
  const full = (contact: Contact, crm: Crm, query: URLSearchParams): JsonObject => {
    const leads = crm.cards.leadsOf(contact.id).map(({ id }) => ({
      id,
      _links: { self: { href: `${server.url}/api/v4/leads/${id}` } },
    }));
    const embedded = { tags: [], companies: [], ...(isWith(query, 'leads') ? { leads } : {}) };
    const more = { _links: linksOf(contact), _embedded: embedded };
    return contactBody(contact, crm.account.accountNumber, more);
  };
  const written = (contacts: readonly { contact: Contact; requestId: string }[]) => ({
    status: 200,
    body: {
      _links: { self: { href: `${server.url}/api/v4/contacts` } },
      _embedded: {
        contacts: contacts.map(({ contact, requestId }) => ({
          id: contact.id,
          request_id: requestId,
          updated_at: contact.updatedAt,
          _links: linksOf(contact),
        })),
      },
    },
  });

  api.resource('/contacts', 'contacts', {
    get: (request, crm) => {
      const { query } = request;
      const found = crm.cards.find(query.get('query') ?? '');
      const ids = filterOf(query, 'filter[id]');
      const kept = found.filter(({ id }) => ids.length === 0 || ids.includes(String(id)));
      const bodies = kept.map((contact) => full(contact, crm, query));
      return pageAnswer(request, server.url, 'contacts', bodies);
    },
    post: ({ body }, crm) => {
      const drafts = entriesOf(body).map((entry) => ({ entry, draft: readContact(entry) }));
      return written(
        drafts.map(({ entry, draft }) => ({
          contact: crm.cards.addContact(draft),
          requestId: entry.requestId,
        })),
      );
    },
    patch: ({ body }, crm) => {
      const changes = entriesOf(body).map((entry) => ({
        contact: contactNamedBy(entry, crm),
        draft: readContact(entry),
        requestId: entry.requestId,
      }));
      for (const { contact, draft } of changes) crm.cards.changeContact(contact, draft);
      return written(changes);
    },
  });

  api.resource('/contacts/:id', 'contacts', {
    get: (request, crm) => {
      const contact = crm.cards.contact(Number(request.params.id));
      if (contact === undefined) return { status: 204 };
      return { status: 200, body: full(contact, crm, request.query) };
    },
    patch: (request, crm) => {
      const contact = existing(request, crm);
      crm.cards.changeContact(contact, readContact(entryOf(request.body)));
      const body = { id: contact.id, updated_at: contact.updatedAt, _links: linksOf(contact) };
      return { status: 200, body };
    },
  });
}

function contactNamedBy(entry: Entry, { cards }: Crm): Contact {
  const contact = cards.contact(entry.integer('id'));
  if (contact === undefined) throw entry.notAChoice('id');
  return contact;
}

function existing({ params }: SeenRequest, { cards }: Crm): Contact {
  const contact = cards.contact(Number(params.id));
  if (contact === undefined) throw refuseRest(404, `There is no contact ${params.id}`);
  return contact;
}
