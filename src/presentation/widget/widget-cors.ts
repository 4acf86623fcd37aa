import { json, type NextFunction, type Request, type Response } from 'express';

/** Pages of accounts: `https://{subdomain}.amocrm.ru`, `.amocrm.com` or `.kommo.com`. */
const OURS = /^https:\/\/[a-z\d](?:[a-z\d-]*[a-z\d])?\.(?:amocrm\.ru|amocrm\.com|kommo\.com)$/;

/** What a browser asks before a request with a header of its own; it may keep the answer for ten minutes. */
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'Content-Type, X-Auth-Token',
  'Access-Control-Max-Age': '600',
};

/** Lets pages of amoCRM, and no others, read what the widget's routes answer. It opens nothing: tokens do. */
export function widgetCors(request: Request, response: Response, next: NextFunction): void {
  const { origin = '' } = request.headers;
  const isOurs = OURS.test(origin);
  response.vary('Origin');
  response.set('Cache-Control', 'no-store');
  if (isOurs) response.set('Access-Control-Allow-Origin', origin);
  if (request.method !== 'OPTIONS') return next();
  if (isOurs) response.set(PREFLIGHT);
  response.status(204).end();
}

/** One id is all that comes. */
export const widgetBody = json({ limit: '10kb' });
