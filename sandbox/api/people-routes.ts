import type { Express, Response } from 'express';
import type { EdnaStatus } from '../edna/out-message.ts';
import { TEMPLATE_STATUSES } from '../edna/template.ts';
import { textOrNull } from '../json.ts';
import type { Sandbox } from '../sandbox.ts';
import {
  BadRequest,
  clientContent,
  fileOf,
  incomingForm,
  managerContent,
  NotFound,
  object,
} from './request-body.ts';
import { chatMessageView, chatView, parcelView, phoneView } from './views.ts';

/** What a client and a manager can do. */
export const PEOPLE_ROUTES = {
  'POST /client/:address/messages':
    '{"text"} or {"type":"IMAGE","caption","file"?:{"name","data":base64}} as edna has it; ?form=legacy|simple &channel= &name=',
  'GET /client/:address': 'what the phone shows',
  'GET /clients': 'all phones',
  'POST /manager/chats/:chat/messages':
    '{"text"} or {"type":"picture","text","file"?,"replyTo"?}; :chat is an id of either side or an address',
  'POST /manager/chats/:chat/typing': 'a typing hook',
  'POST /manager/messages/:id/reaction': '{"emoji"}; null takes it back',
  'POST /manager/write-first': '{"phone","text","name"?}',
  'GET /manager/chats': 'all chats with their messages and ticks',
  'POST /edna/messages/:messageId/status': '{"status":"DELIVERED","error"?}',
  'POST /edna/templates/:id/status': '{"status":"APPROVED","rejectReason"?}: what WhatsApp decides',
  'POST /admin/templates/:id/review': 'sends a waba template of amoCRM’s for approval',
};

export function addPeopleRoutes(app: Express, sandbox: Sandbox): void {
  addTemplateRoutes(app, sandbox);
  app.post('/client/:address/messages', async ({ params, body, query }, response) => {
    const given = object(body);
    const content = clientContent(given);
    const form = incomingForm(query.form);
    const channel = textOrNull(query.channel) ?? undefined;
    if (!hasChannel(sandbox, channel)) {
      throw new BadRequest(`there is no channel ${channel ?? 'of WhatsApp'}`);
    }
    const name = textOrNull(query.name);
    const client = sandbox.client(params.address, name === null ? {} : { userName: name });
    const options = { form, channel, file: fileOf(given.file) };
    const { id, parcel } = await client.writes(content, options);
    response.status(201).json({ id: String(id), callback: parcel && parcelView(parcel) });
  });
  app.get('/client/:address', ({ params }, response) => {
    const client = sandbox.clients.find(({ address }) => address === params.address);
    if (client === undefined) throw new NotFound(`no client ${params.address}`);
    response.json(phoneView(client));
  });
  app.get('/clients', (_request, response) => void response.json(sandbox.clients.map(phoneView)));

  app.post('/manager/chats/:chat/messages', async ({ params, body }, response) => {
    const given = object(body);
    const content = managerContent(given);
    const quoted = textOrNull(given.replyTo);
    const replyTo = quoted === null ? undefined : chatMessage(sandbox, quoted);
    const written = await sandbox.manager.writes(chat(sandbox, params.chat), content, { replyTo });
    response.status(201).json(chatMessageView(written, sandbox.amojo));
  });
  app.post('/manager/chats/:chat/typing', async ({ params }, response) => {
    response.json(parcelView(await sandbox.manager.types(chat(sandbox, params.chat))));
  });
  app.post('/manager/messages/:id/reaction', async ({ params, body }, response) => {
    const message = chatMessage(sandbox, params.id);
    const parcel = await sandbox.manager.reacts(message, textOrNull(object(body).emoji));
    response.json(parcelView(parcel));
  });
  app.post('/manager/write-first', async ({ body }, response) => {
    const given = object(body);
    const phone = textOrNull(given.phone);
    if (phone === null || phone === '') throw new BadRequest('phone is a text of digits');
    const name = textOrNull(given.name) ?? '';
    // So that there is a phone on which the message can be seen.
    sandbox.client(phone.replace(/\D/g, '') || phone);
    const message = await sandbox.manager.writesFirst(phone, managerContent(given), { name });
    response
      .status(201)
      .json({ chat: message.chat.id, ...chatMessageView(message, sandbox.amojo) });
  });
  app.get('/manager/chats', (_request, response: Response) => {
    response.json(sandbox.chats.map((one) => chatView(one, sandbox.amojo)));
  });

  app.post('/edna/messages/:messageId/status', async ({ params, body }, response) => {
    const { status, error } = object(body);
    const message = sandbox.edna.messages.find((one) => String(one.messageId) === params.messageId);
    if (message === undefined) throw new NotFound(`no message ${params.messageId}`);
    if (typeof status !== 'string') throw new BadRequest('status is a text');
    const options = { error: textOrNull(error) };
    const parcel = await sandbox.edna.report(message, status as EdnaStatus, options);
    response.json(parcelView(parcel));
  });
}

/** Templates: what WhatsApp decides about them, and what an administrator of amoCRM asks of it. */
function addTemplateRoutes(app: Express, sandbox: Sandbox): void {
  app.post('/edna/templates/:id/status', async ({ params, body }, response) => {
    const { status, rejectReason } = object(body);
    const known = TEMPLATE_STATUSES.find((one) => one === status);
    if (known === undefined) throw new BadRequest(`status is one of ${TEMPLATE_STATUSES.join()}`);
    const { templates } = sandbox.edna;
    if (!templates.all.some(({ id }) => String(id) === params.id)) {
      throw new NotFound(`no template ${params.id}`);
    }
    const more = typeof rejectReason === 'string' ? { rejectReason } : {};
    response.json(parcelView(await templates.decide(Number(params.id), known, more)));
  });
  app.post('/admin/templates/:id/review', ({ params }, response) => {
    try {
      response.status(201).json(sandbox.amojo.asksApproval(Number(params.id)));
    } catch (error) {
      throw new NotFound(error instanceof Error ? error.message : String(error));
    }
  });
}

/** A client who names no channel writes to the first of WhatsApp. */
function hasChannel(sandbox: Sandbox, subject: string | undefined): boolean {
  return sandbox.edna.settings.channels.some((channel) =>
    subject === undefined ? channel.type === 'WHATSAPP' : channel.subject === subject,
  );
}

function chat(sandbox: Sandbox, key: string) {
  try {
    return sandbox.chat(key);
  } catch {
    throw new NotFound(`no chat ${key}`);
  }
}

function chatMessage(sandbox: Sandbox, id: string) {
  const found = sandbox.amojo.book.message(id);
  if (found === undefined) throw new NotFound(`no message ${id}`);
  return found;
}
