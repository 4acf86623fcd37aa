import { scopeIdOf } from '../amojo/settings.ts';
import type { Answer } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { ChatLink } from './card-file.ts';
import type { Crm } from './crm.ts';
import { entriesOf } from './entry.ts';
import { filterOf } from './page.ts';
import { problem, refuseRest } from './problems.ts';
import type { RestApi } from './rest-api.ts';

/** Which chats stand in which contact's card: `contacts/chats`. */
export function addChatLinkRoutes(api: RestApi): void {
  api.resource('/contacts/chats', 'contact-chats', {
    get: (request, crm) => {
      checkRights(request, api);
      const { query } = request;
      const contactIds = filterOf(query, 'contact_id');
      const chatIds = filterOf(query, 'chat_id');
      if (contactIds.length + chatIds.length === 0) {
        return problem(400, 'contact_id or chat_id is required');
      }
      const links = [
        ...contactIds.flatMap((id) => crm.cards.linksOf(Number(id))),
        ...chatIds.flatMap((id) => crm.cards.linkOf(id) ?? []),
      ];
      if (links.length === 0) return { status: 204 };
      return listOf(links.map((link) => linkBody(link)));
    },
    post: (request, crm) => {
      checkRights(request, api);
      return link(request, crm, api);
    },
  });
}

function checkRights({ headers }: SeenRequest, { parts: { settings } }: RestApi): void {
  if (headers.cookie !== undefined) throw refuseRest(403, 'This method takes no session cookies');
  if (!settings.isAdminToken) throw refuseRest(403, 'This method is for administrators only');
  if (!settings.isIntegrationOfChannel) {
    throw refuseRest(403, 'The integration is not written in the settings of a channel');
  }
}

/** All or none: a list with one bad link leaves everything as it was. */
function link({ body }: SeenRequest, crm: Crm, { parts }: RestApi): Answer {
  const { channelId } = parts.settings;
  const scopeId = scopeIdOf({ channelId, accountId: crm.account.accountId });
  const wanted = entriesOf(body).map((entry) => {
    const contactId = entry.integer('contact_id');
    const chatId = entry.text('chat_id');
    if (crm.cards.contact(contactId) === undefined) throw entry.notAChoice('contact_id');
    if (parts.book.chat(chatId, scopeId) === undefined) throw entry.notAChoice('chat_id');
    return { contactId, chatId, requestId: entry.requestId };
  });
  return listOf(
    wanted.map(({ contactId, chatId, requestId }) =>
      linkBody(crm.cards.link(chatId, contactId, true), requestId),
    ),
  );
}

function listOf(chats: readonly object[]): Answer {
  return { status: 200, body: { _total_items: chats.length, _embedded: { chats } } };
}

function linkBody({ id, chatId, contactId }: ChatLink, requestId?: string) {
  return { chat_id: chatId, contact_id: contactId, id, request_id: requestId };
}
