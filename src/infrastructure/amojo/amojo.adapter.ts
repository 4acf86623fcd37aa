import { Injectable } from '@nestjs/common';
import type { Conversation } from '../../domain/conversation.js';
import { DeliveryError } from '../../domain/errors.js';
import type { ChatEntry, Page } from '../../domain/history.js';
import type { Line } from '../../domain/line.js';
import type { Message, Sender } from '../../domain/message.js';
import {
  CrmChat,
  type ChatItem,
  type Delivered,
  type OpenedChat,
  type StatusReport,
} from '../../domain/ports.js';
import { Settings } from '../../domain/settings.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import { isTaken, outcomeOf, toDeliveryError, unsettled, type Answer } from '../http-answer.js';
import { dig, parseJson, textOf } from '../json.js';
import { HISTORY, readChat, readDelivered, readHistory, refusePage } from './amojo.answer.js';
import { readEntries } from './amojo.history.js';
import {
  ourIdOf,
  toAmojo,
  toAmojoChat,
  toAmojoEdit,
  toImportError,
  toReaction,
  toReport,
} from './amojo.mapper.js';
import { sign } from './amojo.signature.js';
import type { AmojoConnect, AmojoDisconnect } from './amojo.wire.js';

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: string;
  readonly body?: object;
}

/** amoCRM's chats. */
@Injectable()
export class AmojoCrmChat extends CrmChat {
  /** By how much the clock of each server is ahead of ours, in ms, once it has refused a signature. */
  private readonly aheadMs = new Map<string, number>();

  constructor(
    private readonly http: Http,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {
    super();
  }

  override async connect(line: Line): Promise<void> {
    const { channelId, accountId, title, hookApiVersion } = line.amo;
    const body: AmojoConnect = { account_id: accountId, title, hook_api_version: hookApiVersion };
    const path = `/v2/origin/custom/${encodeURIComponent(channelId)}/connect`;
    const answer = await this.call(line, { method: 'POST', path, body });
    if (!isTaken(answer)) throw toError(answer);
    refusePage(answer, 'blocked');
  }

  override async disconnect(line: Line): Promise<void> {
    const { channelId, accountId } = line.amo;
    const body: AmojoDisconnect = { account_id: accountId };
    const path = `/v2/origin/custom/${encodeURIComponent(channelId)}/disconnect`;
    const answer = await this.call(line, { method: 'DELETE', path, body });
    if (!isTaken(answer)) throw toError(answer);
    refusePage(answer, 'blocked');
  }

  /** Asking for a chat that is there answers with that chat. */
  override async openChat(
    conversation: Conversation,
    client: Sender,
    line: Line,
    deadline = this.http.deadline(),
  ): Promise<OpenedChat> {
    const body = toAmojoChat(client, conversation, line);
    const path = `${scopePath(line)}/chats`;
    const answer = await this.call(line, { method: 'POST', path, body }, deadline);
    if (!isTaken(answer)) throw toError(answer);
    const opened = parseJson(answer.body);
    const chatId = textOf(dig(opened, 'id'));
    if (!chatId) throw new DeliveryError('unknown', 'amojo named no chat');
    const participantId = textOf(dig(opened, 'user', 'id'));
    return { chatId, ...(participantId !== undefined && { participantId }) };
  }

  override async messagesOf(
    chatId: string,
    { offset, limit }: { readonly offset: number; readonly limit: number },
    line: Line,
  ): Promise<readonly ChatItem[]> {
    const path = `${scopePath(line)}/chats/${encodeURIComponent(chatId)}/history`;
    const query = `offset=${offset}&limit=${limit}`;
    const answer = await this.call(line, { method: 'GET', path, query });
    if (!isTaken(answer)) throw toError(answer);
    return readChat(answer);
  }

  override async deliver(
    message: Message,
    conversation: Conversation,
    line: Line,
  ): Promise<Delivered> {
    const body = toAmojo(message, conversation, line, this.settings.language);
    const answer = await this.call(line, { method: 'POST', path: scopePath(line), body });
    if (!isTaken(answer)) throw toError(answer);
    return readDelivered(answer, ourIdOf(conversation), message.author ? 'receiver' : 'sender');
  }

  override async edit(
    message: Message,
    conversation: Conversation,
    line: Line,
  ): Promise<Delivered> {
    const body = toAmojoEdit(message, conversation, line, this.settings.language);
    if (!body) throw new DeliveryError('rejected', 'amojo: no message to correct');
    const answer = await this.callAbout(line, { method: 'POST', path: scopePath(line), body });
    return readDelivered(answer, ourIdOf(conversation));
  }

  override async react(message: Message, conversation: Conversation, line: Line): Promise<void> {
    const body = toReaction(message, conversation);
    if (!body) throw new DeliveryError('rejected', 'amojo: no message to react to');
    await this.callAbout(line, { method: 'POST', path: `${scopePath(line)}/react`, body });
  }

  override async find(
    message: Message,
    conversation: Conversation,
    line: Line,
  ): Promise<Delivered | undefined> {
    try {
      return await this.lookUp(message, conversation, line);
    } catch (error) {
      throw unsettled(error);
    }
  }

  override async report(report: StatusReport, line: Line): Promise<void> {
    const { imported } = report;
    if (imported && report.status === 'failed') return this.reportImport(report, imported, line);
    const path = `${scopePath(line)}/${encodeURIComponent(report.crmMessageId)}/delivery_status`;
    const body = toReport(report, this.settings.language);
    await this.callAbout(line, { method: 'POST', path, body });
  }

  override async history(
    conversation: Conversation & { readonly chatId: string },
    line: Line,
    page: number,
  ): Promise<Page<ChatEntry>> {
    const path = `${scopePath(line)}/chats/${encodeURIComponent(conversation.chatId)}/history`;
    const query = `offset=${page * HISTORY.pageSize}&limit=${HISTORY.pageSize}`;
    const answer = await this.call(line, { method: 'GET', path, query });
    if (!isTaken(answer)) throw toError(answer);
    const entries = readEntries(answer, conversation, line);
    return { entries, hasNext: entries.length >= HISTORY.pageSize, at: answer.date };
  }

  private async reportImport(
    report: StatusReport,
    imported: Required<StatusReport>['imported'],
    line: Line,
  ): Promise<void> {
    const body = toImportError(report, imported, line, this.settings.language);
    await this.callAbout(line, { method: 'POST', path: scopePath(line), body });
  }

  private async lookUp(
    message: Message,
    conversation: Conversation,
    line: Line,
  ): Promise<Delivered | undefined> {
    const deadline = this.http.deadline();
    const client = message.author ? { name: message.author.clientName ?? '' } : message.sender;
    const chatId =
      conversation.chatId ?? (await this.openChat(conversation, client, line, deadline)).chatId;
    const path = `${scopePath(line)}/chats/${encodeURIComponent(chatId)}/history`;
    const since = message.sentAt.getTime() - HISTORY.marginMs;
    for (let page = 0; page < HISTORY.pages; page += 1) {
      const query = `offset=${page * HISTORY.pageSize}&limit=${HISTORY.pageSize}`;
      const answer = await this.call(line, { method: 'GET', path, query }, deadline);
      if (!isTaken(answer)) throw toError(answer);
      const items = readHistory(answer);
      const found = items.find((item) => item.sourceId === message.sourceId);
      if (found) {
        const participantId = message.author ? found.receiverId : found.senderId;
        return { messageId: found.messageId, chatId, participantId };
      }
      const oldest = items.at(-1);
      if (!oldest || items.length < HISTORY.pageSize || oldest.sentAtMs < since) return undefined;
    }
    return undefined;
  }

  /**
   * A request that names a message. What amojo says of one it does not know is not established: where its 404 speaks
   * of the channel, another request shows whether that is unknown.
   */
  private async callAbout(line: Line, call: Call): Promise<Answer> {
    const deadline = this.http.deadline();
    const answer = await this.call(line, call, deadline);
    if (isTaken(answer)) return answer;
    const isAboutMessage =
      answer.status === 404 &&
      (codeOf(answer) !== UNKNOWN_CHANNEL || (await this.knowsScope(line, deadline)));
    throw isAboutMessage
      ? toDeliveryError('amojo', answer, { outcome: 'rejected' })
      : toError(answer);
  }

  /** The history of a chat that is not there is empty in a scope that is. */
  private async knowsScope(line: Line, deadline: number): Promise<boolean> {
    const path = `${scopePath(line)}/chats/${encodeURIComponent(line.amo.accountId)}/history`;
    try {
      return isTaken(await this.call(line, { method: 'GET', path, query: 'limit=1' }, deadline));
    } catch {
      // Nobody knows: as long as it says so, it is the channel.
      return false;
    }
  }

  /** A refused signature may be our clock's fault: the answer tells theirs, so sign by that, once. */
  private async call(line: Line, call: Call, deadline = this.http.deadline()): Promise<Answer> {
    const answer = await this.signed(line, call, deadline);
    if (answer.status !== 403 || !answer.date) return answer;
    this.aheadMs.set(line.amo.baseUrl, answer.date.getTime() - this.clock.now().getTime());
    return this.signed(line, call, deadline);
  }

  private signed(line: Line, call: Call, deadline: number): Promise<Answer> {
    const { baseUrl, channelSecret } = line.amo;
    const { method, query } = call;
    const url = new URL(baseUrl.replace(/\/+$/, '') + call.path);
    const body = call.body ? JSON.stringify(call.body) : '';
    const now = this.clock.now().getTime() + (this.aheadMs.get(baseUrl) ?? 0);
    const date = new Date(now).toUTCString();
    const headers = sign({ method, path: url.pathname, body, date }, channelSecret);
    url.search = query ?? '';
    const request = { upstream: 'amojo', method, url: url.href, headers };
    return this.http.send(body ? { ...request, body } : request, deadline);
  }
}

function scopePath(line: Line): string {
  return `/v2/origin/custom/${encodeURIComponent(line.scopeId)}`;
}

const UNKNOWN_CHANNEL = 'ORIGIN_NOT_REGISTERED';

/** No route and no scope say nothing about the message. */
function toError(answer: Answer): DeliveryError {
  const code = codeOf(answer);
  if (answer.status === 404 || answer.status === 405) {
    return toDeliveryError('amojo', answer, { outcome: 'blocked', code });
  }
  if (outcomeOf(answer.status) !== 'rejected') return toDeliveryError('amojo', answer, { code });
  const reason = { key: 'amo-rejected', args: { code: code ?? `HTTP ${answer.status}` } } as const;
  return toDeliveryError('amojo', answer, { code, reason });
}

/** `error_type` is a word in capitals; whatever else stands there may repeat what was sent. */
function codeOf({ body }: Answer): string | undefined {
  const code = textOf(dig(parseJson(body), 'error_type'));
  return code && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : undefined;
}
