import request from 'supertest';
import { aLine, SCOPE, SECRET } from '../../../test/builders.ts';
import { fixture } from '../../../test/fixtures/fixture.ts';
import { ADMIN_TOKEN, startWebhooks, type WebhookApp } from '../../../test/fixtures/webhook-app.ts';
import { lineKey, scopeId } from '../../domain/ids.js';
import type { Origin } from '../../domain/journal.js';
import type { Line } from '../../domain/line.js';

let app: WebhookApp;

beforeEach(async () => {
  app = await startWebhooks([aLine()]);
});
afterEach(() => app.nest.close());

function keep(body: unknown, origin: Origin = { webhook: 'edna' }, reason = 'no-line'): number {
  const id = app.journal.entries.length + 1;
  const raw = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  app.journal.entries.push({ id, at: new Date('2026-11-20T12:00:00Z'), reason, origin, raw });
  return id;
}

const asked = (method: 'get' | 'post', path = '') =>
  request(app.server)
    [method](`/admin/quarantine${path}`)
    .set('Authorization', `Bearer ${ADMIN_TOKEN}`);
const replay = async (id: number) =>
  (await asked('post', `/${id}/replay`).expect(200)).body as unknown;

describe('the quarantine, for operators', () => {
  it('lists what lies in it, the newest first', async () => {
    keep({});
    keep({}, { webhook: 'amocrm', scopeId: SCOPE }, 'wrong-account');
    const at = '2026-11-20T12:00:00.000Z';
    await asked('get').expect(200, {
      entries: [
        { id: 2, at, reason: 'wrong-account', webhook: 'amocrm', scopeId: SCOPE },
        { id: 1, at, reason: 'no-line', webhook: 'edna' },
      ],
    });
  });

  it('lists it page by page', async () => {
    for (let i = 0; i < 60; i += 1) keep({});
    const first = (await asked('get').expect(200)).body as { entries: unknown[]; next: number };
    expect(first.entries).toHaveLength(50);
    expect(first.next).toBe(11);
    const second = (await asked('get', `?after=${first.next}`).expect(200)).body as typeof first;
    expect(second.entries).toHaveLength(10);
    expect(second).not.toHaveProperty('next');
  });

  it('shows one as it came', async () => {
    const id = keep('{ "привет" :  1 }');
    const answer = await asked('get', `/${id}`).expect(200);
    expect(answer.body).toMatchObject({ id, raw: '{ "привет" :  1 }' });
  });

  it.each(['/7', '/0', '/x', '/-1', '/99999999999999999999', '/1.5'])(
    'has no entry %s',
    async (path) => {
      for (const answer of [await asked('get', path), await asked('post', `${path}/replay`)]) {
        expect(answer.status).toBe(404);
        expect(answer.body).toEqual({ code: 'not-in-quarantine', message: expect.any(String) });
      }
    },
  );

  it.each(['x', '-1', '1&after=2'])('refuses the page after %s', async (after) => {
    const answer = await asked('get', `?after=${after}`).expect(400);
    expect(answer.body).toMatchObject({ code: 'bad-request' });
  });

  it.each([undefined, '', ADMIN_TOKEN, `Token ${ADMIN_TOKEN}`, 'Bearer wrong', 'Bearer '])(
    'is closed to the header %j',
    async (header) => {
      const answer = await request(app.server)
        .get('/admin/quarantine')
        .set(header === undefined ? {} : { Authorization: header })
        .expect(401);
      expect(answer.body).toEqual({
        code: 'wrong-token',
        message: expect.stringMatching(/Authorization.*ADMIN_TOKEN/),
      });
    },
  );
});

describe('a replay', () => {
  it('files what can be filed by now, and takes it out', async () => {
    const id = keep(fixture('edna', 'incoming-text'));
    expect(await replay(id)).toEqual({ became: 'new' });
    expect(app.journal.accepted).toMatchObject([{ event: { type: 'inbound' } }]);
    expect(app.journal.entries).toEqual([]);
    expect(app.waker.wakes).toBe(1);
  });

  it('reads a hook of amoCRM at its scope, without a signature', async () => {
    const id = keep(fixture('amocrm', 'v2-text'), { webhook: 'amocrm', scopeId: SCOPE });
    expect(await replay(id)).toEqual({ became: 'new' });
    expect(app.journal.accepted).toMatchObject([{ event: { type: 'outbound', line: SCOPE } }]);
  });

  describe('among several companies', () => {
    const THEIRS = scopeId('9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d', 'another-account');
    const theirs = (edna: object = {}, amo: object = {}) => ({
      ...aLine(
        { webhookTokens: ['theirs'], channels: ['1'], apiKey: 'theirs', ...edna },
        { channelSecret: 'theirs', accountId: 'another-account', ...amo },
      ),
      key: lineKey(THEIRS),
      scopeId: THEIRS,
    });
    const ours = () => aLine({ webhookTokens: ['ours'], channels: ['71844'] });
    const hook = (opened?: Origin['opened']) =>
      keep(fixture('amocrm', 'v2-text'), { webhook: 'amocrm', scopeId: SCOPE, opened });
    const post = (opened?: Origin['opened']) =>
      keep(fixture('edna', 'incoming-text'), { webhook: 'edna', opened });
    const KEPT = { became: 'quarantined', reason: 'wrong-secret' };
    const again = async (lines: readonly Line[]) => {
      await app.nest.close();
      app = await startWebhooks(lines);
    };

    it('opens the lines that it opened when it came, and no others', async () => {
      await again([ours(), theirs()]);
      for (const kept of [hook, post]) {
        expect(await replay(kept([THEIRS]))).toEqual(KEPT);
        expect(await replay(kept([SCOPE, THEIRS]))).toEqual({ became: 'new' });
        // Kept by an earlier version, or without looking at signatures.
        expect(await replay(kept())).toEqual({ became: 'new' });
        app.journal.entries.length = 0;
      }
    });

    it('opens a line that has come since and has the same token or secret', async () => {
      const shared = { webhookTokens: ['new', 'ours'] };
      await again([ours(), theirs(shared, { channelSecret: 'new', previousSecret: SECRET })]);
      expect(await replay(hook([THEIRS]))).toEqual({ became: 'new' });
      expect(await replay(post([THEIRS]))).toEqual({ became: 'new' });
    });

    it('opens every line where the administrator says so', async () => {
      await again([ours(), theirs()]);
      const id = hook([THEIRS]);
      const answer = await asked('post', `/${id}/replay?trust=yes`).expect(200);
      expect(answer.body).toEqual({ became: 'new' });
    });
  });

  it('dates a message without a date by when it came, not by when it was replayed', async () => {
    await replay(keep(fixture('edna', 'simple-incoming')));
    expect(app.journal.accepted).toMatchObject([
      { event: { message: { sentAt: new Date('2026-11-20T12:00:00Z') } } },
    ]);
  });

  it.each(['{"hello":1}', 'not JSON', '['.repeat(250_000)])(
    'leaves what still cannot be filed where it is: %.20s',
    async (raw) => {
      const id = keep(raw, undefined, 'older-reason');
      const entry = app.journal.entries[0];
      expect(await replay(id)).toMatchObject({ became: 'quarantined' });
      expect(app.journal.entries).toEqual([entry]);
      expect(app.journal.accepted).toEqual([]);
    },
  );

  it('says why it stays', async () => {
    const id = keep(fixture('amocrm', 'v2-text'), { webhook: 'amocrm', scopeId: 'a_b' });
    expect(await replay(id)).toEqual({ became: 'quarantined', reason: 'no-line' });
  });

  it('takes out what asks for nothing any more', async () => {
    expect(await replay(keep(fixture('amocrm', 'typing-table'), { webhook: 'amocrm' }))).toEqual({
      became: 'ignored',
    });
    expect(app.journal.entries).toEqual([]);
  });

  it('leaves one entry of what the store refuses', async () => {
    app.journal.refuses = true;
    expect(await replay(keep(fixture('edna', 'incoming-text')))).toEqual({ became: 'quarantined' });
    expect(app.journal.entries).toMatchObject([{ id: 2, reason: 'not-storable' }]);
  });

  it('leaves everything where it is while the journal cannot commit', async () => {
    const id = keep(fixture('edna', 'incoming-text'));
    app.journal.isUnavailable = true;
    await asked('post', `/${id}/replay`).expect(503);
    expect(app.journal.entries).toHaveLength(1);
  });
});
