import { connect, type Socket } from 'node:net';
import { Agent, request } from 'node:http';

/*
 * Strangers before the bridge's door, in a process of their own: `node crowd-process.ts <url> <seconds>`. Prints what
 * they did as JSON.
 */
const IDLE = 1_000;
const SLOW = 100;
/** 10,000 a minute. */
const BAD_EVERY_MS = 6;
const SLOW_BYTE_EVERY_MS = 500;

const [url = '', seconds = '10'] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const sockets: Socket[] = [];
let [opened, bad, refused] = [0, 0, 0];

for (let index = 0; index < IDLE + SLOW; index += 1) {
  const socket = connect(Number(port), hostname);
  socket.on('connect', () => (opened += 1));
  socket.on('error', () => undefined);
  sockets.push(socket);
  if (index >= IDLE) drip(socket, index % 2 === 0);
}

/** Half of them never end their headers, the others never end their body. */
function drip(socket: Socket, isHeader: boolean): void {
  const lines = [
    'POST /webhooks/amocrm HTTP/1.1',
    'Host: bridge',
    'Content-Type: application/json',
  ];
  const rest = isHeader ? ['X-Slow: '] : ['Content-Length: 100000', '', '{'];
  socket.write([...lines, ...rest].join('\r\n'));
  const timer = setInterval(() => socket.write(' '), SLOW_BYTE_EVERY_MS);
  socket.on('close', () => clearInterval(timer));
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const body = JSON.stringify({ account_id: 'x', message: { message: { text: 'x'.repeat(300) } } });
const beganAt = performance.now();
const timer = setInterval(() => {
  const due = (performance.now() - beganAt) / BAD_EVERY_MS;
  while (bad < due) {
    bad += 1;
    const headers = { 'Content-Type': 'application/json', 'X-Signature': 'f'.repeat(40) };
    const sent = request(`${url}/webhooks/amocrm`, { method: 'POST', headers, agent }, (answer) => {
      if (answer.statusCode === 401) refused += 1;
      answer.resume();
    });
    sent.on('error', () => undefined);
    sent.end(body);
  }
}, BAD_EVERY_MS);

setTimeout(
  () => {
    clearInterval(timer);
    process.stdout.write(`${JSON.stringify({ opened, bad, refused })}\n`, () => process.exit(0));
  },
  Number(seconds) * 1000,
);
