import { createHash, createHmac } from 'node:crypto';
import { COMPANY } from './company.ts';

/** Whose message it is: a manager's comes by a signed hook of amoCRM, a client's by a post of edna's with a token. */
export type Side = 'manager' | 'client';

/** A text that the upstream knows again: the number of its message. */
export const NUMBERED = /bench-(\d+)/;

/** What the upstream refuses for ever. */
export const POISON = 'bench-poison';

/** One message that is to be posted. */
export interface Said {
  readonly side: Side;
  /** No two messages of a run have the same. */
  readonly n: number;
  /** Number of the client who writes, or is written to. */
  readonly client: number;
  readonly text: string;
}

/** The HTTP request that brings it, as it goes over the wire, signed. */
export function toRequest(said: Said): Buffer {
  const { side } = said;
  const body = Buffer.from(JSON.stringify(side === 'manager' ? toHook(said) : toPost(said)));
  const scope = `${COMPANY.channelId}_${COMPANY.accountId}`;
  const path = side === 'manager' ? `/webhooks/amocrm/${scope}` : '/webhooks/edna';
  const proof =
    side === 'manager'
      ? `X-Signature: ${createHmac('sha1', COMPANY.channelSecret).update(body).digest('hex')}`
      : `Authorization: Token ${COMPANY.webhookToken}`;
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    proof,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function phoneOf(client: number): string {
  return `7999${String(client).padStart(7, '0')}`;
}

/** Scattered, as theirs are: a store that is given sorted ids has an easier life. */
function uuid(kind: string, n: number): string {
  const hex = createHash('md5').update(`${kind}/${n}`).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

/** The hook as amoCRM's documentation shows it. */
function toHook({ n, client, text }: Said): object {
  const ms = Date.now();
  const clientId = `edna:${COMPANY.subjectId}:${phoneOf(client)}`;
  return {
    account_id: COMPANY.accountId,
    time: Math.floor(ms / 1000),
    message: {
      receiver: {
        id: uuid('client', client),
        name: 'Vera',
        phone: phoneOf(client),
        client_id: clientId,
      },
      sender: { id: uuid('manager', 7), name: 'Oleg' },
      conversation: { id: uuid('chat', client), client_id: clientId },
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
function toPost({ n, client, text }: Said): object {
  return {
    id: n,
    subject: COMPANY.subject,
    subjectId: COMPANY.subjectId,
    subscriber: { id: client, identifier: phoneOf(client) },
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
