import type { SeenRequest } from '../twin-server.ts';
import type { Crm } from './crm.ts';
import { Entry } from './entry.ts';
import { isOpen } from './lead.ts';
import { pageAnswer } from './page.ts';
import { refuseRest } from './problems.ts';
import type { RestApi } from './rest-api.ts';
import type { Talk } from './talks.ts';

/** `talks`: read one, list them, close one. */
export function addTalkRoutes(api: RestApi): void {
  const { server } = api.parts;
  api.resource('/talks', 'talks', {
    get: (request, crm) => {
      const bodies = crm.talks.all.map((talk) => talkBody(talk, crm));
      return pageAnswer(request, server.url, 'talks', bodies);
    },
  });
  api.resource('/talks/:id', 'talks', {
    get: (request, crm) => ({ status: 200, body: talkBody(existing(request, crm), crm) }),
  });
  api.resource('/talks/:id/close', 'talks', {
    post: (request, crm) => {
      const talk = existing(request, crm);
      // Without `force_close`, the bot that asks for a mark may come first; the twin has none.
      new Entry(request.body ?? {}, '0', '').optionalFlag('force_close');
      if (!talk.isInWork) throw refuseRest(422, `Talk ${talk.id} is closed already`);
      crm.talks.close(talk);
      return { status: 202 };
    },
  });
}

function talkBody(talk: Talk, { cards, account }: Crm) {
  const contact = cards.contactOf(talk.chatId);
  const lead = contact && cards.leadsOf(contact.id).findLast(isOpen);
  return {
    talk_id: talk.id,
    created_at: talk.createdAt,
    updated_at: talk.updatedAt,
    rate: 0,
    contact_id: contact?.id ?? null,
    chat_id: talk.chatId,
    entity_id: lead?.id ?? null,
    entity_type: lead === undefined ? null : 'lead',
    is_in_work: talk.isInWork,
    is_read: talk.isRead,
    origin: 'sandbox',
    missed_at: talk.missedAt,
    account_id: account.accountNumber,
    _embedded: {
      contacts: contact === undefined ? [] : [{ id: contact.id }],
      leads: lead === undefined ? [] : [{ id: lead.id }],
      customers: [],
    },
  };
}

function existing({ params }: SeenRequest, { talks }: Crm): Talk {
  const talk = talks.find(Number(params.id));
  if (talk === undefined) throw refuseRest(404, `There is no talk ${params.id}`);
  return talk;
}
