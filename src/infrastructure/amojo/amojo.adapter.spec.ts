import { createHash, createHmac } from 'node:crypto';
import { Test } from '@nestjs/testing';
import { Settings } from '../../domain/settings.js';
import { ACCOUNT_ID, aLine, aMessage, CHANNEL_ID, SCOPE, SECRET } from '../../../test/builders.js';
import { aConversation } from '../../../test/outgoing.js';
import { Upstream, type Got } from '../../../test/upstream.js';
import { Clock } from '../clock.js';
import { Http, HttpLimits } from '../http.js';
import { AmojoCrmChat } from './amojo.adapter.js';

const NOW = new Date('2026-03-03T09:17:00Z');
const CHAT = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';
const CLIENT_THERE = 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04';
const MESSAGE_THERE = 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53';
const BASE = `/v2/origin/custom/${SCOPE}`;
const REFUSED_SIGNATURE = {
  status: 403,
  body: { status: 0, error_code: 403, error_type: 'ORIGIN_INVALID_SIGNATURE' },
};
const NO_CHANNEL = {
  status: 404,
  body: { status: 0, error_code: 404, error_type: 'ORIGIN_NOT_REGISTERED' },
};

class StoppedClock extends Clock {
  override now(): Date {
    return NOW;
  }
}

let timeoutMs: number;

function aCrm(): AmojoCrmChat {
  const clock = new StoppedClock();
  const settings = new Settings();
  // Read anew for each attempt, so that a connection can be opened at leisure.
  const limits = Object.defineProperty(new HttpLimits(), 'timeoutMs', { get: () => timeoutMs });
  return new AmojoCrmChat(new Http(settings, clock, limits), clock, settings);
}

/** As the other side checks it: over the bytes that came. */
function isSigned({ method, path, headers, body }: Got): boolean {
  const md5 = createHash('md5').update(body).digest('hex');
  const line = [method, md5, headers['content-type'], headers.date, path.split('?')[0]].join('\n');
  const signature = createHmac('sha1', SECRET).update(line).digest('hex');
  return headers['content-md5'] === md5 && headers['x-signature'] === signature;
}

describe('AmojoCrmChat', () => {
  let upstream: Upstream;
  let crm: AmojoCrmChat;
  const line = () => aLine({}, { baseUrl: upstream.url, title: 'Pulse bridge' });

  beforeEach(async () => {
    upstream = await Upstream.start();
    timeoutMs = 5_000;
    crm = aCrm();
  });
  afterEach(() => upstream.stop());

  describe('connect', () => {
    it('attaches the account to the channel, signed', async () => {
      await crm.connect(line());
      expect(upstream.last).toMatchObject({
        method: 'POST',
        path: `/v2/origin/custom/${CHANNEL_ID}/connect`,
        json: { account_id: ACCOUNT_ID, title: 'Pulse bridge', hook_api_version: 'v2' },
      });
      expect(upstream.last.headers).toMatchObject({
        date: 'Tue, 03 Mar 2026 09:17:00 GMT',
        'content-type': 'application/json',
      });
      expect(isSigned(upstream.last)).toBe(true);
    });

    it('is blocked where the channel is not known', async () => {
      upstream.next(NO_CHANNEL);
      await expect(crm.connect(line())).rejects.toMatchObject({
        outcome: 'blocked',
        message: 'amojo answered 404 ORIGIN_NOT_REGISTERED',
      });
    });
  });

  describe('disconnect', () => {
    it('takes the account off the channel, signed, with a body', async () => {
      await crm.disconnect(line());
      expect(upstream.last).toMatchObject({
        method: 'DELETE',
        path: `/v2/origin/custom/${CHANNEL_ID}/disconnect`,
        json: { account_id: ACCOUNT_ID },
      });
      expect(isSigned(upstream.last)).toBe(true);
    });

    it.each(['', {}])('takes 200 with the body %j', async (body) => {
      upstream.next({ status: 200, body });
      await expect(crm.disconnect(line())).resolves.toBeUndefined();
    });

    it.each([
      [REFUSED_SIGNATURE, 403],
      [NO_CHANNEL, 404],
    ])('is blocked by %j', async (answer, httpStatus) => {
      upstream.next(answer);
      upstream.next(answer);
      await expect(crm.disconnect(line())).rejects.toMatchObject({
        outcome: 'blocked',
        details: { httpStatus },
      });
    });
  });

  describe('deliver', () => {
    const deliver = () => crm.deliver(aMessage(), aConversation(), line());

    it('sends what it signed, beyond ASCII too', async () => {
      const content = { kind: 'text', text: 'Привет 👋\u200d\n"…"' } as const;
      await crm.deliver(aMessage({ content }), aConversation(), line());
      expect(upstream.last).toMatchObject({ method: 'POST', path: BASE });
      expect(upstream.last.json).toMatchObject({ payload: { message: { text: content.text } } });
      expect(isSigned(upstream.last)).toBe(true);
    });

    it("keeps amojo's ids", async () => {
      const ids = { msgid: MESSAGE_THERE, conversation_id: CHAT, sender_id: CLIENT_THERE };
      upstream.next({ body: { new_message: { ...ids, ref_id: 'edna:71844:1' } } });
      expect(await deliver()).toEqual({
        messageId: MESSAGE_THERE,
        chatId: CHAT,
        participantId: CLIENT_THERE,
      });
    });

    it('takes no id of ours for one of amojo', async () => {
      const ours = 'edna:71844:79995550142';
      const ids = { msgid: MESSAGE_THERE, conversation_id: ours, sender_id: ours };
      upstream.next({ body: { new_message: ids } }, { body: { new_message: { msgid: 'm' } } });
      expect(await deliver()).toEqual({ messageId: MESSAGE_THERE });
      expect(await deliver()).toEqual({ messageId: 'm' });
    });

    it.each([
      ['nothing', { body: '' }],
      ['half an answer', { cut: 200 }],
    ])('counts 200 with %s as taken', async (_what, reply) => {
      upstream.next(reply);
      expect(await deliver()).toEqual({ messageId: '' });
    });

    it('does not take a page for an answer of amojo: a proxy may have kept the message', async () => {
      upstream.next({ body: '<html>ok</html>' });
      await expect(deliver()).rejects.toMatchObject({ outcome: 'unknown' });
    });

    it('signs once more by the clock of a server that refused the first signature', async () => {
      const theirs = new Date(NOW.getTime() + 3_600_000);
      const headers = { Date: theirs.toUTCString() };
      upstream.next({ ...REFUSED_SIGNATURE, headers });
      await deliver();
      expect(upstream.got.map((got) => got.headers.date)).toEqual([
        NOW.toUTCString(),
        theirs.toUTCString(),
      ]);
      expect(upstream.got.every(isSigned)).toBe(true);
      expect(upstream.got[1]?.body).toBe(upstream.got[0]?.body);
      await deliver();
      expect(upstream.got).toHaveLength(3);
      expect(upstream.last.headers.date).toBe(theirs.toUTCString());
    });

    it('is blocked once the second signature is refused as well', async () => {
      upstream.on(BASE, { ...REFUSED_SIGNATURE, headers: { Date: NOW.toUTCString() } });
      await expect(deliver()).rejects.toMatchObject({
        outcome: 'blocked',
        message: 'amojo answered 403 ORIGIN_INVALID_SIGNATURE',
        details: { httpStatus: 403 },
      });
      expect(upstream.got).toHaveLength(2);
    });

    it('tells the code of a refusal and nothing it repeats', async () => {
      upstream.next(
        { status: 400, body: { error_type: 'BAD_REQUEST', error_description: 'text: secret' } },
        { status: 400, body: { error_type: 'no code but a text' } },
      );
      await expect(deliver()).rejects.toMatchObject({
        outcome: 'rejected',
        message: 'amojo answered 400 BAD_REQUEST',
        details: { reason: { key: 'amo-rejected', args: { code: 'BAD_REQUEST' } } },
      });
      await expect(deliver()).rejects.toMatchObject({
        message: 'amojo answered 400',
        details: { reason: { args: { code: 'HTTP 400' } } },
      });
    });

    it.each([
      [{ status: 401 }, 'blocked'],
      [{ status: 402 }, 'blocked'],
      [{ status: 404 }, 'blocked'],
      [{ status: 302 }, 'blocked'],
      [{ status: 408 }, 'unknown'],
      [{ status: 429 }, 'not-sent'],
      [{ status: 500, body: '<html>' }, 'unknown'],
      [{ status: 503 }, 'not-sent'],
      ['reset', 'unknown'],
    ] as const)('%j: %s', async (reply, outcome) => {
      upstream.next(reply);
      await expect(deliver()).rejects.toMatchObject({ outcome });
      expect(upstream.got).toHaveLength(1);
    });

    it('passes on how long to wait', async () => {
      upstream.next({ status: 429, headers: { 'Retry-After': '30' } });
      await expect(deliver()).rejects.toMatchObject({ details: { retryAfterMs: 30_000 } });
    });

    it('does not know what a timeout left behind', async () => {
      await crm.connect(line());
      timeoutMs = 200;
      upstream.next('hang');
      await expect(deliver()).rejects.toMatchObject({
        outcome: 'unknown',
        message: 'amojo: timeout',
      });
    });
  });

  describe('find', () => {
    const message = aMessage();
    const item = (id: string, client_id: string | undefined, ms: number) => ({
      msec_timestamp: ms,
      sender: { id: CLIENT_THERE },
      message: { id, client_id, type: 'text' },
    });
    const at = message.sentAt.getTime();
    const filler = (count: number, ms: number) =>
      Array.from({ length: count }, (_, i) => item(`m${i}`, `edna:71844:other-${i}`, ms));
    const find = (given = {}) =>
      crm.find(message, aConversation({ chatId: CHAT, ...given }), line());

    it('finds a message by its source id', async () => {
      const messages = [item('m', undefined, at + 2), item(MESSAGE_THERE, message.sourceId, at)];
      upstream.next({ body: { messages } });
      expect(await find()).toEqual({
        messageId: MESSAGE_THERE,
        chatId: CHAT,
        participantId: CLIENT_THERE,
      });
      expect(upstream.last).toMatchObject({
        method: 'GET',
        path: `${BASE}/chats/${CHAT}/history?offset=0&limit=50`,
      });
      expect(upstream.last.headers['content-type']).toBe('application/json');
      expect(isSigned(upstream.last)).toBe(true);
    });

    it('goes on to older pages until they are older than the message', async () => {
      upstream.next(
        { body: { messages: filler(50, at + 1) } },
        { body: { messages: filler(50, at - 61_000) } },
      );
      expect(await find()).toBeUndefined();
      expect(upstream.got.map(({ path }) => path.split('?')[1])).toEqual([
        'offset=0&limit=50',
        'offset=50&limit=50',
      ]);
    });

    it('ends at a page that is not full', async () => {
      upstream.next({ body: { messages: filler(49, at + 1) } });
      expect(await find()).toBeUndefined();
      expect(upstream.got).toHaveLength(1);
    });

    it('ends somewhere', async () => {
      upstream.on(`${BASE}/chats/${CHAT}/history`, { body: { messages: filler(50, at + 1) } });
      expect(await find()).toBeUndefined();
      expect(upstream.got).toHaveLength(20);
    });

    it('asks for the chat where it is not known', async () => {
      upstream.next({ body: { id: CHAT, user: { id: CLIENT_THERE } } }, { status: 204 });
      expect(await find({ chatId: undefined })).toBeUndefined();
      expect(upstream.got[0]).toMatchObject({
        path: `${BASE}/chats`,
        json: {
          conversation_id: 'edna:71844:79995550142',
          user: {
            id: 'edna:71844:79995550142',
            name: 'Vera',
            profile: { phone: '79995550142' },
          },
        },
      });
      expect(upstream.got[1]?.path).toMatch(`/chats/${CHAT}/history?`);
    });

    it('leaves open what a failed lookup was to settle', async () => {
      upstream.next({ status: 503 }, { status: 500 }, 'reset', { status: 400 });
      upstream.next({ body: '<html>' }, { cut: 200 }, { body: 'no id' });
      for (let i = 0; i < 6; i += 1) {
        await expect(find()).rejects.toMatchObject({ outcome: 'unknown' });
      }
      await expect(find({ chatId: undefined })).rejects.toMatchObject({ outcome: 'unknown' });
    });

    it('is blocked where the scope is not known', async () => {
      upstream.next(NO_CHANNEL);
      await expect(find()).rejects.toMatchObject({ outcome: 'blocked' });
    });

    it('has one time limit for all its pages', async () => {
      await crm.connect(line());
      timeoutMs = 200;
      upstream.next({ body: { messages: filler(50, at + 1) } }, 'hang');
      await expect(find()).rejects.toMatchObject({ outcome: 'unknown' });
    });
  });

  describe('report', () => {
    const report = (given = {}) =>
      crm.report({ crmMessageId: MESSAGE_THERE, status: 'read', ...given }, line());

    it.each([{ body: '' }, { body: {} }])('marks the message, answered with %j', async (reply) => {
      upstream.next(reply);
      await report();
      expect(upstream.last).toMatchObject({
        method: 'POST',
        path: `${BASE}/${MESSAGE_THERE}/delivery_status`,
        json: { status_code: 2, delivery_status: 2, msgid: MESSAGE_THERE },
      });
      expect(isSigned(upstream.last)).toBe(true);
    });

    it('is rejected where the message is not known, blocked where the channel is not', async () => {
      upstream.next({ status: 404 }, NO_CHANNEL, NO_CHANNEL, { status: 400 });
      await expect(report()).rejects.toMatchObject({ outcome: 'rejected' });
      await expect(report()).rejects.toMatchObject({ outcome: 'blocked' });
      await expect(report()).rejects.toMatchObject({ outcome: 'rejected' });
    });

    it('is rejected where amojo says the channel is not known, and knows it all the same', async () => {
      upstream.next(NO_CHANNEL, { status: 204 });
      await expect(report()).rejects.toMatchObject({ outcome: 'rejected' });
      expect(upstream.last).toMatchObject({ method: 'GET' });
      expect(upstream.last.path.split('?')[0]).toBe(`${BASE}/chats/${ACCOUNT_ID}/history`);
      for (const reply of ['reset', { status: 500 }, { status: 401 }] as const) {
        upstream.next(NO_CHANNEL, reply);
        await expect(report()).rejects.toMatchObject({ outcome: 'blocked' });
      }
    });
  });

  it('can be made by Nest and calls nobody before it is asked to', async () => {
    const settings = { provide: Settings, useValue: new Settings() };
    const providers = [AmojoCrmChat, Http, Clock, settings];
    const module = await Test.createTestingModule({ providers }).compile();
    await module.init();
    expect(upstream.got).toHaveLength(0);
    await module.get(AmojoCrmChat).connect(line());
    expect(upstream.got).toHaveLength(1);
  });
});
