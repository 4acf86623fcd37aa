import type { Answer } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { ChatMessage, Participant } from './chat.ts';
import { chatNamedBy } from './chat-routes.ts';
import { mark, readStatus, type StatusReading } from './delivery-status.ts';
import { Fields } from './fields.ts';
import { readMessageEvent, type NewMessage } from './message-body.ts';
import { setReaction } from './reactions.ts';
import { refuseData, refuseMessage } from './refusals.ts';
import { breach, CUSTOM, done, type RouteParts } from './route-parts.ts';
import type { AmojoSettings } from './settings.ts';

/** `msec_timestamp` is `timestamp` with its milliseconds; one of the two may have been rounded. */
const MAX_SECONDS_APART = 5;

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
  if (edited !== undefined) {
    if (payload.status !== undefined) report(request, edited, payload.status, parts);
    return { status: 200, body: messageAnswer(edited, settings) };
  }
  if (settings.unknownEdit === 400) throw refuseData('payload.msgid', 'no such message');
  throw refuseMessage(payload.id ?? payload.msgid ?? '', settings.unknownMessageBody);
}

function addMessage(
  request: SeenRequest,
  message: NewMessage,
  parts: RouteParts,
  onImport: OnImport,
): Answer {
  const { book, ledger, settings, fetcher } = parts;
  const { scope = '' } = request.params;
  const bytes = request.raw.toString('utf8');
  const earlier = book.byMsgid(scope, message.msgid);
  if (earlier !== undefined) {
    if (earlier.request === bytes) ledger.repeats += 1;
    else breach(ledger, request, `msgid ${message.msgid} came before with other content`);
    if (settings.duplicateMsgid === 'idempotent200') {
      return { status: 200, body: messageAnswer(earlier, settings) };
    }
    const { answer } = refuseData('payload.msgid', 'is not unique');
    return { ...answer, excused: true };
  }
  const added = book.add(scope, message, bytes);
  const { timestamp, msecTimestamp, status } = message;
  if (timestamp > 99_999_999_999) breach(ledger, request, 'timestamp is not in seconds');
  if (Math.abs(msecTimestamp / 1000 - timestamp) > MAX_SECONDS_APART) {
    breach(ledger, request, `msec_timestamp ${msecTimestamp} is another time than ${timestamp}`);
  }
  if (status !== undefined && settings.importedStatus === 'taken') {
    report(request, added, status, parts);
  }
  fetcher.fetchFor(added);
  if (added.sender.role === 'user') onImport(added);
  return { status: 200, body: messageAnswer(added, settings) };
}

function takeStatus(request: SeenRequest, parts: RouteParts): Answer {
  const { book, settings } = parts;
  const { message: id = '', scope = '' } = request.params;
  const message = book.message(id, scope);
  if (message === undefined) throw refuseMessage(id, settings.unknownMessageBody);
  report(request, message, readStatus(request.body, id, settings), parts);
  return done(settings);
}

/** Puts a status on a message, and into the ledger what is wrong with it. */
function report(
  request: SeenRequest,
  message: ChatMessage,
  reading: StatusReading,
  { ledger, changes, isOnPhone }: RouteParts,
): void {
  const isBackwards = mark(message, reading, changes.next());
  for (const reason of reading.breaches) breach(ledger, request, reason);
  if (message.direction === 'incoming') breach(ledger, request, "status of a client's message");
  const isError = reading.statusCode === -1;
  if (isError && message.direction === 'outgoing' && isOnPhone(message)) {
    breach(ledger, request, 'an error about what stands on the phone, as a receipt has told');
  }
  if (isBackwards) {
    ledger.statusBackwards += 1;
    breach(ledger, request, `status ${reading.statusCode} after ${message.tick.state}`);
  }
  changes.announce();
}

function react(request: SeenRequest, parts: RouteParts): Answer {
  const { book, changes, settings } = parts;
  const { scope = '' } = request.params;
  const fields = new Fields(request.body);
  const type = fields.text('type');
  if (type !== 'react' && type !== 'unreact') throw fields.no('type', 'must be react or unreact');
  const emoji = fields.optionalText('emoji') ?? '';
  if (type === 'react' && emoji === '' && settings.reactionWithoutEmoji === 'reject400') {
    throw fields.no('emoji', 'is required');
  }
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
