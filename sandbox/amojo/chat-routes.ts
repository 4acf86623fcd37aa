import type { Answer } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { Chat, Participant } from './chat.ts';
import { Fields } from './fields.ts';
import { historyAnswer } from './history.ts';
import { readPerson, readSource } from './person.ts';
import { refuse } from './refusals.ts';
import { CUSTOM, type RouteParts } from './route-parts.ts';
import type { AmojoSettings } from './settings.ts';

const TYPING_MS = 5000;

/** `chats`, their history, and the client's typing. */
export function addChatRoutes(parts: RouteParts): void {
  const { server, gate, book, settings } = parts;
  server.route('post', `${CUSTOM}/:scope/chats`, 'chats', (request) => {
    gate.checkScope(request);
    return openChat(request, parts);
  });
  server.route('get', `${CUSTOM}/:scope/chats/:chat/history`, 'history', (request) => {
    gate.checkScope(request);
    const { scope = '', chat = '' } = request.params;
    return historyAnswer(book.chat(chat, scope), request.query, settings.historyOverLimit);
  });
  server.route('post', `${CUSTOM}/:scope/typing`, 'client-typing', (request) => {
    gate.checkScope(request);
    return showTyping(request, parts);
  });
}

function openChat({ body, params }: SeenRequest, { book, fetcher, settings }: RouteParts): Answer {
  const { scope = '' } = params;
  const fields = new Fields(body);
  const conversationId = fields.text('conversation_id');
  const sourceId = readSource(fields);
  const person = readPerson(fields.object('user'));
  const client = book.people.client(scope, person, 'user');
  const chat = book.open(scope, conversationId, client, { sourceId });
  fetcher.fetchAvatar(client);
  // As it was answered to a request with nothing but `ref_id`.
  const user = person.id === undefined ? { id: client.id } : userBody(client, settings);
  return { status: 200, body: { id: chat.id, user } };
}

/** Phone and e-mail are absent where they were not passed. */
function userBody(client: Participant, { profileShape }: AmojoSettings) {
  const { id, clientId, name, avatar = '', phone, email } = client;
  const profile = profileShape === 'flat' ? { phone, email } : { profile: { phone, email } };
  return { id, client_id: clientId, name, avatar, ...profile };
}

function showTyping(request: SeenRequest, parts: RouteParts): Answer {
  const { clock, changes, settings } = parts;
  const fields = new Fields(request.body);
  const durationMs = fields.optionalInteger('duration_ms') ?? TYPING_MS;
  if (durationMs <= 0) throw fields.no('duration_ms', 'must be positive');
  const sender = fields.object('sender');
  const [id, refId] = [sender.optionalText('id'), sender.optionalText('ref_id')];
  if (!id && !refId) throw sender.no('id', 'is required');
  const chat = chatNamedBy(fields, request, parts);
  const by = chat?.participants.find((one) => (refId ? one.id === refId : one.clientId === id));
  if (chat === undefined || by === undefined) {
    if (settings.unknownTyping === 204) return { status: 204 };
    throw refuse(404, 'CONVERSATION_NOT_FOUND', 'no such chat, or nobody of that id in it');
  }
  const typing = { by, until: clock.now() + durationMs };
  chat.typing = typing;
  clock.after(durationMs, () => {
    if (chat.typing === typing) delete chat.typing;
    changes.announce();
  });
  changes.announce();
  return { status: 204 };
}

/** The chat a body names, by amojo's id or the integration's. @throws {Refusal} 400 for neither */
export function chatNamedBy(
  fields: Fields,
  { params }: SeenRequest,
  { book }: RouteParts,
): Chat | undefined {
  const { scope = '' } = params;
  const conversationId = fields.optionalText('conversation_id');
  const refId = fields.optionalText('conversation_ref_id');
  if (refId) return book.chat(refId, scope);
  if (!conversationId) throw fields.no('conversation_id', 'is required');
  return book.byClientId(scope, conversationId);
}
