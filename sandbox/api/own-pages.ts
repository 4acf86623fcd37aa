import type { RequestHandler } from 'express';
import { isLoopback } from '../fetched-file.ts';

/**
 * Lets in callers that are no web page, and pages of the sandbox's own. A page from elsewhere could
 * otherwise write as a client, or, by a name that leads to this machine, read everything.
 * @param host where the sandbox listens; a name is taken only where that is not loopback
 */
export function ownPagesOnly(host: string): RequestHandler {
  return ({ headers, method }, response, next) => {
    const origin = headers.origin ?? (isForeignFetch(headers, method) ? 'elsewhere' : undefined);
    const isOwn = origin === undefined || origin === `http://${headers.host}`;
    if (isOwn && (!isLoopback(host) || isLoopback(nameOf(headers.host)))) {
      next();
      return;
    }
    const message = 'a page from elsewhere may not use the sandbox';
    response.status(403).json({ code: 'foreign-page', message });
  };
}

/** A request without a body needs no `Origin`; browsers say all the same where it comes from. */
function isForeignFetch(headers: Record<string, unknown>, method: string): boolean {
  const site = headers['sec-fetch-site'];
  const isVisit = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  return typeof site === 'string' && !['same-origin', 'none'].includes(site) && !isVisit;
}

function nameOf(host = ''): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
}
