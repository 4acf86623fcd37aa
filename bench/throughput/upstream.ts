import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { COMPANY } from './company.ts';
import { serveErrands } from './errand.ts';
import { NUMBERED, POISON } from './hooks.ts';
import { nowMs } from './one-clock.ts';

/*
 * Both platforms, as a process of its own: answers what it gets at once or after a while, and checks nothing of it.
 */

/** How messages are answered from now on. */
export interface Manner {
  readonly delayMs?: number;
  /** Reads each message, to know when which one began. */
  readonly reads?: boolean;
  /** Takes no message at all, for a quarter of an hour. */
  readonly refuses?: boolean;
}

/** What was taken since it was last told its manner. */
export interface Taken {
  readonly count: number;
  /** When the last one was taken, on the clock of all. */
  readonly lastAt: number;
  /** When each began, by its number; only where it reads. */
  readonly beganAt: Readonly<Record<number, number>>;
}

let manner: Manner = {};
let count = 0;
let lastAt = 0;
let beganAt: Record<number, number> = {};
let waiting: { until: number; resolve: (taken: Taken) => void } | undefined;

const CASCADES = [
  {
    id: COMPANY.cascadeId,
    name: 'bench',
    status: 'ACTIVE',
    stagesCount: 1,
    stages: [
      {
        order: 0,
        subject: {
          id: COMPANY.subjectId,
          subject: COMPANY.subject,
          type: 'WHATSAPP',
          locked: false,
        },
        stages: [],
      },
    ],
  },
];

const NEW_MESSAGE = '/v2/origin/custom/';
const TAKEN_BY_EDNA = JSON.stringify({ code: 'ok' });
const takenByAmojo = () => JSON.stringify({ new_message: { msgid: randomUUID() } });
const OTHERS: Readonly<Record<string, string>> = {
  '/api/cascade/get-all': JSON.stringify(CASCADES),
  '/api/channel-profile': '[]',
  '/api/messages/history': '{"content":[],"hasNext":false}',
};

const server = createServer((request, response) => {
  const url = request.url ?? '';
  const isEdna = url === '/api/cascade/schedule';
  const isAmojo = url.startsWith(NEW_MESSAGE) && !url.endsWith('connect');
  if (!isEdna && !isAmojo) {
    request.resume();
    answer(response, 200, OTHERS[url] ?? '{}');
  } else if (manner.refuses) {
    request.resume();
    response.setHeader('Retry-After', '900');
    answer(response, 503, '{}');
  } else {
    void take(request, response, isEdna ? TAKEN_BY_EDNA : takenByAmojo());
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1');

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  taken: string,
): Promise<void> {
  const began = nowMs();
  if (manner.reads) {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    if (text.includes(POISON)) return answer(response, 500, '{}');
    const number = NUMBERED.exec(text)?.[1];
    if (number !== undefined) beganAt[Number(number)] = began;
  } else {
    request.resume();
  }
  const end = (): void => {
    answer(response, 200, taken);
    count += 1;
    lastAt = nowMs();
    if (waiting && count >= waiting.until) waiting.resolve(soFar());
  };
  if (manner.delayMs) setTimeout(end, manner.delayMs);
  else end();
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

function soFar(): Taken {
  return { count, lastAt, beganAt };
}

serveErrands({
  port: () => (server.address() as AddressInfo).port,
  behave: (next: Manner) => {
    manner = next;
    [count, lastAt, beganAt] = [0, 0, {}];
    waiting = undefined;
  },
  /** Resolves once so many are taken. */
  taken: (until: number) =>
    count >= until
      ? soFar()
      : new Promise<Taken>((resolve) => {
          waiting = { until, resolve };
        }),
  soFar,
  usage: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1e3 };
  },
});
process.once('disconnect', () => process.exit());
