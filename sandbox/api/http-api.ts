import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Sandbox } from '../sandbox.ts';
import { addControlRoutes, CONTROL_ROUTES } from './control-routes.ts';
import { addLiveRoutes, LIVE_ROUTES } from './live-routes.ts';
import { ownPagesOnly } from './own-pages.ts';
import { addPageRoutes } from './page-routes.ts';
import { addPeopleRoutes, PEOPLE_ROUTES } from './people-routes.ts';
import { BadRequest, NotFound } from './request-body.ts';
import { webAddress } from '../web-address.ts';

/** What `GET /` tells whoever does not ask for HTML; the sandbox's own directory of its routes. */
const ROUTES = { ...PEOPLE_ROUTES, ...CONTROL_ROUTES, ...LIVE_ROUTES };

/** Files come as base64 in JSON: 20 MiB of them, and a third more. */
const BODY_LIMIT = '27mb';

export interface HttpApi {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the sandbox's page and controls on a port of their own. */
export async function serveApi(sandbox: Sandbox, port: number, host: string): Promise<HttpApi> {
  const server = createServer(routes(sandbox, host));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    url: webAddress(host, (server.address() as AddressInfo).port),
    close: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function routes(sandbox: Sandbox, host: string): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(ownPagesOnly(host));
  app.use(express.json({ limit: BODY_LIMIT }));
  addPageRoutes(app, ROUTES);
  addPeopleRoutes(app, sandbox);
  addControlRoutes(app, sandbox);
  addLiveRoutes(app, sandbox);
  app.use(({ method, path }: Request) => {
    throw new NotFound(`there is no ${method} ${path}`);
  });
  app.use(answerError);
  return app;
}

/** Express knows an error handler by its four parameters. */
function answerError(error: unknown, _request: Request, response: Response, _next: NextFunction) {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NotFound) response.status(404).json({ code: 'not-found', message });
  else if (error instanceof BadRequest || isUnreadable(error)) {
    response.status(400).json({ code: 'bad-request', message });
  } else response.status(500).json({ code: 'internal', message });
}

/** Express's own: a path or a body that cannot be decoded, no JSON, or too much of it. */
function isUnreadable(error: unknown): boolean {
  const { status } = Object(error) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500;
}
