import type { Answer } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { ChatMessage, Participant } from './chat.ts';
import { chatNamedBy } from './chat-routes.ts';
import { mark, readStatus } from './delivery-status.ts';
import { Fields } from './fields.ts';
import { readMessageEvent, type NewMessage } from './message-body.ts';
import { setReaction } from './reactions.ts';
import { refuseData, refuseMessage } from './refusals.ts';
import { breach, CUSTOM, done, type RouteParts } from './route-parts.ts';
import type { AmojoSettings } from './settings.ts';

/** What was imported as somebody of the company, for who posts hooks about it. */
export type OnImport = (message: ChatMessage) => void;

/** Messages, their delivery statuses, and reactions to them. */
export function addMessageRoutes(parts: RouteParts, onImport: OnImport): void {
  const { server, gate } = parts;
  server.route('post', `${CUSTOM}/:scope/react`, 'react', (request) => {
    gate.checkScope(request);
    return react(request, parts);
  });
  server.route(
    'post',
    `${CUSTOM}/:scope/:message/delivery_status`,
    'delivery-status',
    (request) => {
      gate.checkScope(request);
      return takeStatus(request, parts);
    },
  );
  server.route('post', `${CUSTOM}/:scope`, 'message', (request) => {
    gate.checkScope(request);
    return takeMessage(request, parts, onImport);
  });
}

function takeMessage(request: SeenRequest, parts: RouteParts, onImport: OnImport): Answer {
  const { book, settings } = parts;
  const { scope = '' } = request.params;
  const { event, payload } = readMessageEvent(request.body, settings);
  if (event === 'new_message') return addMessage(request, payload, parts, onImport);
  const edited = book.edit(scope, payload);
  if (edited !== undefined) return { status: 200, body: messageAnswer(edited, settings) };
  if (settings.unknownEdit === 400) throw refuseData('payload.msgid', 'no such message');
  throw refuseMessage(payload.id ?? payload.msgid ?? '', settings.unknownMessageBody);
}

function addMessage(
  request: SeenRequest,
  message: NewMessage,
  { book, ledger, settings, fetcher }: RouteParts,
  onImport: OnImport,
): Answer {
  const { scope = '' } = request.params;
  const earlier = book.byMsgid(scope, message.msgid);
  if (earlier !== undefined) {
    const isSame = JSON.stringify(earlier.raw) === JSON.stringify(message.content.raw);
    if (isSame) ledger.repeats += 1;
    else breach(ledger, request, `msgid ${message.msgid} came before with other content`);
    if (settings.duplicateMsgid === 'idempotent200') {
      return { status: 200, body: messageAnswer(earlier, settings) };
    }
    const { answer } = refuseData('payload.msgid', 'is not unique');
    return { ...answer, excused: true };
  }
  const added = book.add(scope, message);
  if (message.timestamp > 99_999_999_999) breach(ledger, request, 'timestamp is not in seconds');
  fetcher.fetchFor(added);
  if (added.sender.role === 'user') onImport(added);
  return { status: 200, body: messageAnswer(added, settings) };
}

function takeStatus(request: SeenRequest, { book, ledger, changes, settings }: RouteParts): Answer {
  const { message: id = '', scope = '' } = request.params;
  const message = book.message(id, scope);
  if (message === undefined) throw refuseMessage(id, settings.unknownMessageBody);
  const reading = readStatus(request.body, id, settings.statusField);
  const isBackwards = mark(message, reading, changes.next());
  for (const reason of reading.breaches) breach(ledger, request, reason);
  if (message.direction === 'incoming') breach(ledger, request, "status of a client's message");
  if (isBackwards) {
    ledger.statusBackwards += 1;
    breach(ledger, request, `status ${reading.statusCode} after ${message.tick.state}`);
  }
  changes.announce();
  return done(settings);
}

function react(request: SeenRequest, parts: RouteParts): Answer {
  const { book, changes, settings } = parts;
  const { scope = '' } = request.params;
  const fields = new Fields(request.body);
  const type = fields.text('type');
  if (type !== 'react' && type !== 'unreact') throw fields.no('type', 'must be react or unreact');
  const emoji = fields.optionalText('emoji') || undefined;
  if (type === 'react' && emoji === undefined) throw fields.no('emoji', 'is required');
  const [id, msgid] = [fields.optionalText('id'), fields.optionalText('msgid')];
  if (!id && !msgid) throw fields.no('msgid', 'is required');
  const user = fields.object('user');
  const [userId, userRefId] = [user.optionalText('id'), user.optionalText('ref_id')];
  if (!userId && !userRefId) throw user.no('id', 'is required');

  const chat = chatNamedBy(fields, request, parts);
  const message = id ? book.message(id, scope) : book.byMsgid(scope, msgid ?? '');
  if (message === undefined || message.chat !== chat) {
    throw refuseMessage(id || (msgid ?? ''), settings.unknownMessageBody);
  }
  const isHim = (one: Participant): boolean =>
    userRefId ? one.id === userRefId : one.role === 'client' && one.clientId === userId;
  const by = [...chat.participants, ...book.people.staffOf(scope)].find(isHim);
  if (by === undefined) throw user.no(userRefId ? 'ref_id' : 'id', 'no such participant');
  setReaction(message, by, type === 'react' ? emoji : undefined);
  changes.announce();
  return done(settings);
}

/** `receiver_id` is absent for what clients write, as in real answers. */
function messageAnswer(message: ChatMessage, { answerIds }: AmojoSettings) {
  const { chat, sender, receiver, id, clientId } = message;
  const isReal = answerIds === 'amojo';
  return {
    new_message: {
      conversation_id: isReal ? chat.id : (chat.clientId ?? chat.id),
      sender_id: isReal ? sender.id : (sender.clientId ?? sender.id),
      receiver_id: isReal ? receiver?.id : (receiver?.clientId ?? receiver?.id),
      msgid: id,
      ref_id: clientId,
    },
  };
}
