import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { oneTimeToken } from '../../../sandbox/widget/one-time-token.ts';
import { ACCOUNT_ID, CHANNEL_ID } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { FakeUsedTokens } from '../../../test/fakes/used-tokens.ts';
import { DeliveryError } from '../../domain/errors.js';
import { lineKey, scopeId } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import { UsedTokens } from '../../domain/ports.js';
import { Alarm } from '../dispatcher/alarm.js';
import { Connections } from '../dispatcher/connections.js';
import { Dispatcher } from '../dispatcher/dispatcher.js';
import { Gates } from '../dispatcher/gates.js';
import { ErrorFilter } from '../error.filter.js';
import { WebhookSettings } from '../webhooks/webhook-settings.js';
import { OneTimeTokens } from './one-time-tokens.js';
import { WidgetAccess } from './widget-access.js';
import { widgetBody, widgetCors } from './widget-cors.js';
import { WidgetController } from './widget.controller.js';
import { WidgetLines, type WidgetLine } from './widget-lines.js';

const HOST = 'acme.amocrm.ru';
const OTHER_ACCOUNT = 'a8c2f1d7-5e34-4b90-86fd-0c7b9e21d345';
const INTEGRATION = {
  clientId: '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a210',
  clientSecret: 'Qm3vT9sLx2cD7kPw1RzY5hJ8nB4gV6aFe0UoXiTq',
};
const fault = (outcome: DeliveryError['outcome'], httpStatus?: number) =>
  new DeliveryError(outcome, 'spec', { httpStatus });

describe('the widget’s routes', () => {
  let all: Dispatching;
  let nest: INestApplication;
  let ours: Line;

  /** Lines of two accounts: one of ours, one of somebody else's on another address. */
  async function serve(signature: 'on' | 'off' = 'on') {
    const { line } = all;
    ours = {
      ...line,
      name: 'Sales',
      edna: { ...line.edna, webhookTokens: ['t'], channels: ['71844'] },
      crm: { baseUrl: `https://${HOST}` },
    };
    const scope = scopeId(CHANNEL_ID, OTHER_ACCOUNT);
    const theirs = {
      ...line,
      key: lineKey(scope),
      scopeId: scope,
      name: 'Theirs',
      amo: { ...line.amo, accountId: OTHER_ACCOUNT },
      crm: { baseUrl: 'https://Other.amocrm.ru' },
    };
    const module = await Test.createTestingModule({
      controllers: [WidgetController],
      providers: [
        OneTimeTokens,
        WidgetLines,
        {
          provide: WidgetAccess,
          useValue: new WidgetAccess(INTEGRATION.clientId, INTEGRATION.clientSecret),
        },
        { provide: UsedTokens, useClass: FakeUsedTokens },
        { provide: Alarm, useValue: all.alarm },
        { provide: Lines, useValue: new Lines([ours, theirs]) },
        { provide: Gates, useValue: all.gates },
        { provide: Connections, useValue: all.connections },
        // Begins with the app.
        { provide: Dispatcher, useValue: all.dispatcher },
        { provide: WebhookSettings, useValue: new WebhookSettings(signature) },
      ],
    }).compile();
    nest = module.createNestApplication({ bodyParser: false, logger: false });
    nest.use('/widget', widgetCors, widgetBody);
    nest.useGlobalFilters(new ErrorFilter());
    await nest.init();
    await all.alarm.rest();
  }

  beforeEach(async () => {
    all = await Dispatching.open();
  });
  afterEach(async () => {
    await nest.close();
    await all.end();
  });

  const server = () => nest.getHttpServer() as Parameters<typeof request>[0];
  const token = (host = HOST) => oneTimeToken(host, INTEGRATION, { at: all.alarm.date() });
  const list = (query = '?language=en', host = HOST) =>
    request(server()).get(`/widget/v1/lines${query}`).set('X-Auth-Token', token(host));
  const post = (id: string, verb: 'connect' | 'disconnect', body: object, language = 'en') =>
    request(server())
      .post(`/widget/v1/lines/${id}/${verb}?language=${language}`)
      .set('X-Auth-Token', token())
      .send(body);
  const theLine = async (query?: string) => {
    const { body } = await list(query).expect(200);
    return (body as { lines: WidgetLine[] }).lines[0]!;
  };
  const codes = ({ warnings }: Pick<WidgetLine, 'warnings'>) => warnings.map(({ code }) => code);

  describe('the list', () => {
    it('has the lines of the account that asks, and nothing of any other', async () => {
      await serve();
      const { body } = await list(`?language=en&amojoId=${ACCOUNT_ID}`).expect(200);
      expect(body).toEqual({
        account: HOST,
        lines: [
          {
            id: expect.stringMatching(/^[\w-]+$/),
            name: 'Sales',
            messenger: 'whatsapp',
            channels: ['71844'],
            amocrmConnected: true,
            state: 'connected',
            warnings: [],
          },
        ],
        warnings: [],
      });
    });

    it('says what to set where no line belongs to the account', async () => {
      await serve();
      const { body } = await list('?language=en', 'third.kommo.com').expect(200);
      expect(body).toMatchObject({
        lines: [],
        warnings: [{ code: 'no-lines', text: expect.stringContaining('https://third.kommo.com') }],
      });
    });

    it('says that a line is for another chats account', async () => {
      await serve();
      const line = await theLine(`?language=en&amojoId=${OTHER_ACCOUNT}`);
      expect(line.warnings).toEqual([
        { code: 'wrong-account', text: expect.stringContaining(OTHER_ACCOUNT) },
      ]);
    });

    it.each([
      [fault('blocked', 403), 'channel-refused', 'HTTP 403', '31990077'],
      [fault('blocked', 404), 'channel-unknown', 'HTTP 404', 'AMOCRM_CHANNEL_ID'],
      [fault('not-sent', 503), 'amocrm-away', 'answer', 'AMOCRM_AMOJO_BASE_URL'],
      [fault('unknown'), 'amocrm-away', 'answer', 'AMOCRM_AMOJO_BASE_URL'],
    ])('says why the channel is not connected: %j', async (error, code, ...words) => {
      all.crm.connecting = error;
      await serve();
      const line = await theLine();
      expect([line.amocrmConnected, line.state, codes(line)]).toEqual([false, 'failed', [code]]);
      for (const word of words) expect(line.warnings[0]?.text).toContain(word);
    });

    it('says that it was a fault of ours', async () => {
      all.crm.connecting = new TypeError('a mistake of ours');
      await serve();
      expect(codes(await theLine())).toEqual(['fault']);
    });

    it('says that the bridge has only just begun', async () => {
      all.crm.connectDoor.shut();
      await serve();
      expect(await theLine()).toMatchObject({
        state: 'not-tried',
        warnings: [{ code: 'not-tried' }],
      });
      all.crm.connectDoor.open();
    });

    it.each([
      [fault('blocked', 403), 'amocrm-blocked', 'edna-blocked'],
      [new DeliveryError('not-sent', 'spec', { retryAfterMs: 60_000 }), 'amocrm-away', 'edna-away'],
    ])('says that a side takes nothing: %j', async (error, crm, edna) => {
      await serve();
      all.gates.of(ours, 'crm').failed('a', error);
      all.gates.of(ours, 'messenger').failed('a', error);
      expect(codes(await theLine())).toEqual([crm, edna]);
    });

    it('says what stands open', async () => {
      await serve('off');
      Object.assign(ours.edna, { webhookTokens: [] });
      const { body } = await list().expect(200);
      expect(body).toMatchObject({
        lines: [{ warnings: [{ code: 'webhook-open' }] }],
        warnings: [{ code: 'signature-off' }],
      });
    });

    it.each([
      ['', 'Канал отключён'],
      ['?language=ru', 'Канал отключён'],
      ['?language=en', 'has disconnected the channel'],
      ['?language=es', 'has disconnected the channel'],
    ])('speaks the language that was asked for: "%s"', async (query, words) => {
      await serve();
      await all.connections.disconnect(ours);
      expect((await theLine(query)).warnings[0]?.text).toContain(words);
    });
  });

  describe('connect and disconnect', () => {
    it('do it, and show the line as it is then', async () => {
      await serve();
      const { id } = await theLine();
      const off = await post(id, 'disconnect', { amojoId: ACCOUNT_ID.toUpperCase() }).expect(200);
      expect(off.body).toMatchObject({ id, amocrmConnected: false, state: 'switched-off' });
      expect(all.crm.isConnected).toBe(false);
      const on = await post(id, 'connect', { amojoId: ACCOUNT_ID }).expect(200);
      expect(on.body).toMatchObject({ amocrmConnected: true, state: 'connected', warnings: [] });
      expect(all.crm.isConnected).toBe(true);
    });

    it.each([{ amojoId: OTHER_ACCOUNT }, { amojoId: '' }, {}, { amojoId: [ACCOUNT_ID] }])(
      'want the account’s own id: %j will not do',
      async (body) => {
        await serve();
        const { id } = await theLine();
        const answer = await post(id, 'disconnect', body).expect(409);
        expect(answer.body).toMatchObject({ code: 'wrong-account' });
        expect(all.crm.calls.disconnect).toBe(0);
      },
    );

    it('know no line of another account', async () => {
      await serve();
      const { body } = await list('?language=en', 'other.amocrm.ru').expect(200);
      const [theirs] = (body as { lines: WidgetLine[] }).lines;
      for (const id of [theirs?.id ?? '', 'nothing', '%00']) {
        const answer = await post(id, 'disconnect', { amojoId: OTHER_ACCOUNT }).expect(404);
        expect(answer.body).toMatchObject({ code: 'no-such-line' });
      }
      expect(all.crm.calls.disconnect).toBe(0);
    });

    it.each([
      ['ru', 'amoCRM отказала'],
      ['en', 'amoCRM refused'],
    ])('say why it did not work, in words: %s', async (language, words) => {
      await serve();
      const { id } = await theLine();
      all.crm.failNext(fault('blocked', 403));
      const { body } = await post(id, 'disconnect', { amojoId: ACCOUNT_ID }, language).expect(502);
      expect(body).toMatchObject({
        code: 'channel-refused',
        message: expect.stringContaining(words),
      });
    });

    it('are heard of at every replica', async () => {
      await serve();
      all.lines.replace([ours]);
      all.dispatcher.onApplicationBootstrap();
      await all.alarm.rest();
      expect(await theLine()).toMatchObject({ state: 'connected' });
      // Another replica has done it.
      await all.switchedOff.add(ours.scopeId);
      expect(await theLine()).toMatchObject({ state: 'switched-off', amocrmConnected: false });
      await all.switchedOff.remove(ours.scopeId);
      await theLine();
      await all.alarm.rest();
      expect(await theLine()).toMatchObject({ state: 'connected', amocrmConnected: true });
    });

    it('say that nothing can be kept', async () => {
      await serve();
      const { id } = await theLine();
      all.switchedOff.isAway = true;
      const { body } = await post(id, 'disconnect', { amojoId: ACCOUNT_ID }).expect(503);
      expect(body).toMatchObject({ code: 'journal-unavailable' });
    });

    it('refuse a body that is not JSON', async () => {
      await serve();
      await request(server())
        .post('/widget/v1/lines/x/connect')
        .set('Content-Type', 'application/json')
        .send('{')
        .expect(400);
    });

    it('want a token, in words', async () => {
      await serve();
      const { body } = await request(server()).get('/widget/v1/lines?language=en').expect(401);
      expect(body).toMatchObject({
        code: 'wrong-token',
        message: expect.stringContaining('AMOCRM_CLIENT_SECRET'),
      });
    });
  });

  describe('the browser', () => {
    const ask = (origin: string, method: 'get' | 'options' = 'options') =>
      request(server())
        [method]('/widget/v1/lines')
        .set('Origin', origin)
        .set('Access-Control-Request-Method', 'GET')
        .set('Access-Control-Request-Headers', 'x-auth-token');

    it.each(['https://acme.amocrm.ru', 'https://a-2.amocrm.com', 'https://acme.kommo.com'])(
      'lets a page of %s ask, and read answers and refusals',
      async (origin) => {
        await serve();
        const preflight = await ask(origin).expect(204);
        expect(preflight.headers).toMatchObject({
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'Content-Type, X-Auth-Token',
          vary: expect.stringContaining('Origin'),
        });
        const refused = await ask(origin, 'get').expect(401);
        expect(refused.headers).toMatchObject({
          'access-control-allow-origin': origin,
          'cache-control': 'no-store',
        });
      },
    );

    it.each([
      'http://acme.amocrm.ru',
      'https://acme.amocrm.ru.example.test',
      'https://amocrm.ru',
      'https://evil-amocrm.ru',
      'https://a.b.amocrm.ru',
      'https://acme.amocrm.ru:8443',
      'https://acmeXamocrm.ru',
      'null',
    ])('lets no page of %s', async (origin) => {
      await serve();
      for (const method of ['options', 'get'] as const) {
        const { headers } = await ask(origin, method);
        expect(headers).not.toHaveProperty('access-control-allow-origin');
        expect(headers).not.toHaveProperty('access-control-allow-headers');
      }
    });
  });
});
