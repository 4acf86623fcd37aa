import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { MESSAGE_TYPES } from './amojo/chat.ts';
import type { ManagerContent } from './amojo/manager-content.ts';
import type { ClientContent, IncomingForm } from './edna/client-message.ts';
import type { EdnaStatus } from './edna/out-message.ts';
import type { FaultRule } from './faults.ts';
import { isObject, textOrNull, type JsonObject } from './json.ts';
import type { Sandbox } from './sandbox.ts';
import {
  chatMessageView,
  chatView,
  faultView,
  parcelView,
  phoneView,
  requestView,
} from './views.ts';

/** What `GET /` tells; the sandbox's own directory of its routes. */
const ROUTES = {
  'POST /client/:address/messages':
    '{"text"} or {"type":"IMAGE","caption"} as edna has it; ?form=legacy|simple &channel= &name=',
  'GET /client/:address': 'what the phone shows',
  'GET /clients': 'all phones',
  'POST /manager/chats/:chat/messages':
    '{"text"} or {"type":"picture","text"}; :chat is an id of either side or an address',
  'POST /manager/chats/:chat/typing': 'a typing hook',
  'POST /manager/write-first': '{"phone","text","name"?}',
  'GET /manager/chats': 'all chats with their messages and ticks',
  'POST /edna/messages/:messageId/status': '{"status":"DELIVERED","error"?}',
  'POST /faults': '{"twin":"edna"|"amojo","kind","endpoint"?,"address"?,"text"?,"times"?,…}',
  'GET /faults': 'those that are switched on',
  'DELETE /faults': 'switches all off',
  'DELETE /faults/:twin/:id': 'switches one off',
  'POST /faults/:twin/:id/release': 'lets go of what hold or reorder keeps',
  'GET /ledger': 'the counts',
  'GET /ledger/violations': 'what broke a contract, one by one',
  'GET /requests': 'what both twins got; ?endpoint=',
  'GET /settings': 'the settings of both twins',
  'PATCH /settings': '{"edna":{…},"amojo":{…}}',
  'POST /point-at': '{"bridge"} or {"edna","amocrm"}: where the webhooks are',
};

export interface HttpApi {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the sandbox's controls on a port of their own. */
export async function serveApi(sandbox: Sandbox, port: number, host: string): Promise<HttpApi> {
  const server = createServer(routes(sandbox));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function routes(sandbox: Sandbox) {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '5mb' }));
  app.get('/', (_request, response) => void response.json(ROUTES));

  app.post('/client/:address/messages', async ({ params, body, query }, response) => {
    const content = clientContent(body);
    const name = textOrNull(query.name);
    const client = sandbox.client(params.address, name === null ? {} : { userName: name });
    const { id, parcel } = await client.writes(content, {
      form: (textOrNull(query.form) ?? 'current') as IncomingForm,
      channel: textOrNull(query.channel) ?? undefined,
    });
    response.status(201).json({ id: String(id), callback: parcel && parcelView(parcel) });
  });
  app.get('/client/:address', ({ params }, response) => {
    response.json(phoneView(sandbox.client(params.address)));
  });
  app.get('/clients', (_request, response) => void response.json(sandbox.clients.map(phoneView)));

  app.post('/manager/chats/:chat/messages', async ({ params, body }, response) => {
    const message = await sandbox.manager.writes(chat(sandbox, params.chat), managerContent(body));
    response.status(201).json(chatMessageView(message));
  });
  app.post('/manager/chats/:chat/typing', async ({ params }, response) => {
    response.json(parcelView(await sandbox.manager.types(chat(sandbox, params.chat))));
  });
  app.post('/manager/write-first', async ({ body }, response) => {
    const phone = textOrNull(object(body).phone);
    if (phone === null) throw new BadRequest('phone is a text of digits');
    const name = textOrNull(object(body).name) ?? '';
    const message = await sandbox.manager.writesFirst(phone, managerContent(body), { name });
    response.status(201).json({ chat: message.chat.id, ...chatMessageView(message) });
  });
  app.get(
    '/manager/chats',
    (_request, response) => void response.json(sandbox.chats.map(chatView)),
  );

  app.post('/edna/messages/:messageId/status', async ({ params, body }, response) => {
    const { status, error } = object(body);
    const message = sandbox.edna.messages.find((one) => String(one.messageId) === params.messageId);
    if (message === undefined) throw new NotFound(`no message ${params.messageId}`);
    if (typeof status !== 'string') throw new BadRequest('status is a text');
    const options = { error: textOrNull(error) };
    const parcel = await sandbox.edna.report(message, status as EdnaStatus, options);
    response.json(parcelView(parcel));
  });

  app.post('/faults', ({ body }, response) => {
    const { twin, ...rule } = object(body);
    if (typeof rule.kind !== 'string') throw new BadRequest('kind is missing');
    const name = twinName(twin);
    // A rule from outside may hold anything; one that fits nothing simply never strikes.
    const fault = sandbox[name].faults.add(rule as unknown as FaultRule);
    response.status(201).json(faultView(name, fault));
  });
  app.get('/faults', (_request, response) => {
    const of = (twin: 'edna' | 'amojo') =>
      sandbox[twin].faults.active.map((fault) => faultView(twin, fault));
    response.json([...of('edna'), ...of('amojo')]);
  });
  app.delete('/faults', (_request, response) => {
    sandbox.edna.faults.clear();
    sandbox.amojo.faults.clear();
    response.status(204).end();
  });
  app.delete('/faults/:twin/:id', ({ params }, response) => {
    fault(sandbox, params).clear();
    response.status(204).end();
  });
  app.post('/faults/:twin/:id/release', ({ params }, response) => {
    fault(sandbox, params).release();
    response.status(204).end();
  });

  app.get('/ledger', (_request, response) => void response.json(sandbox.ledger()));
  app.get('/ledger/violations', (_request, response) => void response.json(sandbox.violations));
  app.get('/requests', ({ query }, response) => {
    response.json(sandbox.requests(textOrNull(query.endpoint) ?? undefined).map(requestView));
  });
  app.get('/settings', (_request, response) => {
    response.json({ edna: sandbox.edna.settings, amojo: sandbox.amojo.settings });
  });
  app.patch('/settings', ({ body }, response) => {
    Object.assign(sandbox.edna.settings, object(body).edna);
    Object.assign(sandbox.amojo.settings, object(body).amojo);
    response.status(204).end();
  });
  app.post('/point-at', ({ body }, response) => {
    const { bridge, edna, amocrm } = object(body);
    sandbox.pointAt(
      textOrNull(bridge) ?? {
        edna: textOrNull(edna) ?? undefined,
        amocrm: textOrNull(amocrm) ?? undefined,
      },
    );
    response.json(sandbox.webhooks);
  });

  app.use(({ method, path }: Request) => {
    throw new NotFound(`there is no ${method} ${path}`);
  });
  app.use(answerError);
  return app;
}

class BadRequest extends Error {}
class NotFound extends Error {}

/** Express knows an error handler by its four parameters. */
function answerError(error: unknown, _request: Request, response: Response, _next: NextFunction) {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NotFound) response.status(404).json({ code: 'not-found', message });
  else if (error instanceof BadRequest || error instanceof SyntaxError) {
    response.status(400).json({ code: 'bad-request', message });
  } else response.status(500).json({ code: 'internal', message });
}

function object(body: unknown): JsonObject {
  if (!isObject(body)) throw new BadRequest('a JSON object is needed, with its Content-Type');
  return body;
}

function clientContent(body: unknown): ClientContent {
  const content = object(body);
  const { type, text } = content;
  if (typeof type === 'string') return { ...content, type };
  if (typeof text === 'string') return text;
  throw new BadRequest('text or type is missing');
}

function managerContent(body: unknown): ManagerContent {
  const { phone: _phone, name: _name, type = 'text', ...content } = object(body);
  if (!MESSAGE_TYPES.some((one) => one === type)) throw new BadRequest('type is unknown');
  if (type === 'text' && textOrNull(content.text) === null) throw new BadRequest('text is missing');
  return { ...content, type } as ManagerContent;
}

function chat(sandbox: Sandbox, key: string) {
  try {
    return sandbox.chat(key);
  } catch {
    throw new NotFound(`no chat ${key}`);
  }
}

function twinName(twin: unknown): 'edna' | 'amojo' {
  if (twin !== 'edna' && twin !== 'amojo') throw new BadRequest('twin is edna or amojo');
  return twin;
}

function fault(sandbox: Sandbox, { twin, id }: Record<string, string>) {
  const found = sandbox[twinName(twin)].faults.find(Number(id));
  if (found === undefined) throw new NotFound(`no fault ${id}`);
  return found;
}
