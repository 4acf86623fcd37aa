import { createHash, createHmac } from 'node:crypto';
import { COMPANY } from './company.ts';

/** Whose message it is: a manager's comes by a signed hook of amoCRM, a client's by a post of edna's with a token. */
export type Side = 'manager' | 'client';

/** A text that the upstream knows again: the number of its message. */
export const NUMBERED = /bench-(\d+)/;

/** What the upstream refuses for ever. */
export const POISON = 'bench-poison';

/** One HTTP request as it goes over the wire, signed. @param n no two messages of a run have the same */
export function toRequest(side: Side, n: number, host: string, text = `bench-${n}`): Buffer {
  const body = Buffer.from(JSON.stringify(side === 'manager' ? toHook(n, text) : toPost(n, text)));
  const scope = `${COMPANY.channelId}_${COMPANY.accountId}`;
  const path = side === 'manager' ? `/webhooks/amocrm/${scope}` : '/webhooks/edna';
  const proof =
    side === 'manager'
      ? `X-Signature: ${createHmac('sha1', COMPANY.channelSecret).update(body).digest('hex')}`
      : `Authorization: Token ${COMPANY.webhookToken}`;
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    proof,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function clientOf(n: number): string {
  return `7999${String(n % COMPANY.clients).padStart(7, '0')}`;
}

/** Scattered, as theirs are: a store that is given sorted ids has an easier life. */
function uuid(kind: string, n: number): string {
  const hex = createHash('md5').update(`${kind}/${n}`).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

/** The hook as amoCRM's documentation shows it. */
function toHook(n: number, text: string): object {
  const ms = Date.now();
  const clientId = `edna:${COMPANY.subjectId}:${clientOf(n)}`;
  return {
    account_id: COMPANY.accountId,
    time: Math.floor(ms / 1000),
    message: {
      receiver: {
        id: uuid('client', n % COMPANY.clients),
        name: 'Vera',
        phone: clientOf(n),
        client_id: clientId,
      },
      sender: { id: uuid('manager', 7), name: 'Oleg' },
      conversation: { id: uuid('chat', n % COMPANY.clients), client_id: clientId },
      timestamp: Math.floor(ms / 1000),
      msec_timestamp: ms,
      message: {
        id: uuid('message', n),
        type: 'text',
        text: `Yes, it is in stock, we keep it for you until Friday evening: ${text}`,
        markup: null,
        tag: '',
        media: '',
        thumbnail: '',
        file_name: '',
        file_size: 0,
      },
    },
  };
}

/** The post as edna's documentation shows it. */
function toPost(n: number, text: string): object {
  return {
    id: n,
    subject: COMPANY.subject,
    subjectId: COMPANY.subjectId,
    subscriber: { id: n % COMPANY.clients, identifier: clientOf(n) },
    userInfo: { userName: 'Vera', firstName: null, lastName: null, avatarUrl: null },
    messageContent: {
      type: 'TEXT',
      text: `Is the blue one in stock, and can I fetch it on Friday: ${text}`,
      attachment: null,
      location: null,
      caption: null,
      payload: null,
      story: null,
      items: null,
    },
    receivedAt: new Date().toISOString(),
    replyOutMessageId: null,
    replyOutMessageExternalRequestId: null,
    replyInMessageId: null,
  };
}
