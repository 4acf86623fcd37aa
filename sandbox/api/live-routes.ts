import type { Express } from 'express';
import { reportMishap } from '../mishap.ts';
import type { Sandbox } from '../sandbox.ts';
import { NotFound } from './request-body.ts';
import { stateOf } from './state.ts';

/** What an onlooker follows. */
export const LIVE_ROUTES = {
  'GET /state': 'all that the page shows',
  'GET /events': 'the same as server-sent events, anew after every change',
  'GET /sent/:sha1': 'the bytes of a file that was sent or has arrived',
};

/** At most so many states a second, and never more than a tenth of the time is spent on them. */
const SHORTEST_PAUSE_MS = 80;
const PAUSE_PER_WORK = 10;
/** After a restart of the sandbox the page is back so soon. */
const RECONNECT_MS = 1000;

export function addLiveRoutes(app: Express, sandbox: Sandbox): void {
  let hasStumbled = false;
  /** Undefined where it cannot be told just now; those who follow wait for the next change. */
  const stateText = (): string | undefined => {
    try {
      return JSON.stringify(stateOf(sandbox));
    } catch (error) {
      if (!hasStumbled) reportMishap('telling the state', error);
      hasStumbled = true;
      return undefined;
    }
  };

  app.get('/state', (_request, response) => void response.json(stateOf(sandbox)));

  app.get('/events', (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    let timer: NodeJS.Timeout | undefined;
    let isStale = false;
    const send = (): void => {
      const startedAt = performance.now();
      isStale = false;
      // A page that does not read gets the newest once it does, and not all that it has missed.
      const state = response.writableNeedDrain ? undefined : stateText();
      isStale = response.writableNeedDrain;
      if (state !== undefined) response.write(`data: ${state}\n\n`);
      const pause = Math.max(SHORTEST_PAUSE_MS, (performance.now() - startedAt) * PAUSE_PER_WORK);
      timer = setTimeout(() => {
        timer = undefined;
        if (isStale) send();
      }, pause);
    };
    const unwatch = sandbox.watch(() => {
      isStale = true;
      if (timer === undefined) send();
    });
    response.on('close', () => {
      unwatch();
      clearTimeout(timer);
    });
    response.write(`retry: ${RECONNECT_MS}\n`);
    send();
  });

  app.get('/sent/:sha1', ({ params }, response) => {
    const file = sandbox.file(params.sha1);
    if (file === undefined) throw new NotFound(`no file ${params.sha1}`);
    // A file comes from anywhere: it is shown as what it claims to be, and never run.
    response.set({
      'Content-Type': file.contentType ?? 'application/octet-stream',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cache-Control': 'private, max-age=3600',
    });
    response.send(file.bytes);
  });
}
