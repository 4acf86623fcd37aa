import { Test } from '@nestjs/testing';
import { Settings } from '../../domain/settings.js';
import type { Content } from '../../domain/message.js';
import type { Route } from '../../domain/ports.js';
import { aLine } from '../../../test/builders.js';
import { FakeLinks, FakeSource } from '../../../test/fakes/media.js';
import { MediaLinks, MediaSource } from '../../domain/media.js';
import { aConversation, aDispatch, CASCADE_ROUTE } from '../../../test/outgoing.js';
import { Upstream, type Reply } from '../../../test/upstream.js';
import { Clock } from '../clock.js';
import { Http, HttpLimits } from '../http.js';
import { EdnaMessenger } from './edna.adapter.js';
import { EdnaApi } from './edna.api.js';
import { EdnaCatalogue } from './edna.catalogue.js';
import { EdnaFiles } from './edna.files.js';
import { EdnaRoutes } from './edna.route.js';
import { EdnaTemplates } from './edna.templates.js';

const SIMPLE: Route = { dialect: 'simple', dropsRepeats: false, channelType: 'WHATSAPP' };

describe('EdnaMessenger', () => {
  let upstream: Upstream;
  let messenger: EdnaMessenger;
  let timeoutMs: number;
  const line = () => aLine({ baseUrl: `${upstream.url}/` });

  beforeEach(async () => {
    upstream = await Upstream.start();
    timeoutMs = 5_000;
    // Read anew for each attempt, so that a connection can be opened at leisure.
    const limits = Object.defineProperty(new HttpLimits(), 'timeoutMs', { get: () => timeoutMs });
    const module = await Test.createTestingModule({
      providers: [
        EdnaMessenger,
        EdnaApi,
        EdnaRoutes,
        EdnaTemplates,
        EdnaCatalogue,
        EdnaFiles,
        { provide: MediaSource, useClass: FakeSource },
        { provide: MediaLinks, useValue: new FakeLinks('') },
        Http,
        Clock,
        { provide: Settings, useValue: new Settings() },
        { provide: HttpLimits, useValue: limits },
      ],
    }).compile();
    messenger = module.get(EdnaMessenger);
  });
  afterEach(() => upstream.stop());

  describe('send', () => {
    const send = (route: Route = CASCADE_ROUTE) => messenger.send(aDispatch({ route }), line());

    describe('a template', () => {
      const media = {
        kind: 'picture',
        attachment: { url: 'https://files.example.test/a.jpg', name: 'a.jpg' },
      } as const;
      const sendTemplate = (route: Route, template: object = {}) => {
        upstream.next({ body: {} });
        const filled = { params: {}, ...template };
        const content: Content = { kind: 'text', text: 'Sale', template: filled };
        return messenger.send(aDispatch({ route, content }), line());
      };
      const LEGACY: Route = { ...CASCADE_ROUTE, dialect: 'legacy' };

      it('goes as imOutHSM where it is known, with a keyboard of one row', async () => {
        const button = { text: 'Yes', buttonType: 'QUICK_REPLY' };
        const keyboard = {
          rows: [{ buttons: [button] }, { buttons: [{ ...button, text: 'No' }] }],
        };
        const content = { text: 'Sale', footer: { text: 'Acme' }, keyboard };
        const one = { id: 7, channelType: 'WHATSAPP', status: 'APPROVED', content };
        upstream.next({ body: [one] });
        await sendTemplate(LEGACY, { externalId: '7' });
        expect(upstream.last).toMatchObject({
          path: '/api/old/imOutHSM',
          json: {
            text: 'Sale',
            footer: { text: 'Acme' },
            keyboard: { row: { buttons: [{ text: 'Yes', payload: 'Yes' }, { text: 'No' }] } },
          },
        });
      });

      it('goes as any text where it is not', async () => {
        await sendTemplate(LEGACY);
        expect(upstream.last.path).toBe('/api/old/imOutMessage');
        expect(upstream.last.json).not.toHaveProperty('keyboard');
      });

      it.each<[Route, object]>([
        [
          CASCADE_ROUTE,
          {
            content: {
              whatsappContent: { text: 'Sale', header: { imageUrl: media.attachment.url } },
            },
          },
        ],
        [SIMPLE, { text: 'Sale', attachment: { url: media.attachment.url } }],
        [
          { ...SIMPLE, dialect: 'max-bot', channelType: 'MAX_BOT', subject: 'bot' },
          { content: { type: 'IMAGE', caption: 'Sale' } },
        ],
        [
          { ...CASCADE_ROUTE, channelType: 'VIBER' },
          { content: { viberContent: { text: `Sale\n${media.attachment.url}` } } },
        ],
      ])('loses neither file nor text by any way: %j', async (route, body) => {
        await sendTemplate(route, { media });
        expect(upstream.last.json).toMatchObject(body);
      });

      it.each(['matched-template-not-found', 'error-not-template-match'])(
        'that edna finds no match for is told so: %s',
        async (title) => {
          upstream.next({ status: 400, body: { title, status: 400 } });
          const content: Content = { kind: 'text', text: 'Sale', template: { params: {} } };
          await expect(
            messenger.send(aDispatch({ route: CASCADE_ROUTE, content }), line()),
          ).rejects.toMatchObject({ details: { reason: { key: 'template-mismatch' } } });
          upstream.next({ status: 400, body: { title, status: 400 } });
          await expect(send()).rejects.toMatchObject({
            details: { reason: { key: 'window-closed' } },
          });
        },
      );
    });

    it('posts the body, with the key and the content type edna asks for', async () => {
      const { requestId } = aDispatch();
      upstream.next({ body: { requestId } });
      expect(await send()).toEqual({});
      expect(upstream.last).toMatchObject({
        method: 'POST',
        path: '/api/cascade/schedule',
        json: { requestId, cascadeId: 9026 },
      });
      expect(upstream.last.headers).toMatchObject({
        'x-api-key': 'spec-api-key',
        'content-type': 'application/json',
      });
    });

    it('sends the same bytes on every try', async () => {
      upstream.next({ status: 500 }, { status: 200 });
      await send().catch(() => undefined);
      await send();
      expect(upstream.got[1]?.body).toBe(upstream.got[0]?.body);
    });

    it.each([
      ['simple', '/api/messages/send'],
      ['legacy', '/api/old/imOutMessage'],
      ['max-bot', '/api/v1/out-messages/max-bot'],
      ['max', '/api/v1/out-messages/max'],
    ] as const)('speaks %s to %s', async (dialect, path) => {
      await send({ ...CASCADE_ROUTE, dialect });
      expect(upstream.last.path).toBe(path);
    });

    it.each([
      [{ requestId: aDispatch().requestId }, undefined],
      [{ requestId: aDispatch().requestId, messageId: 903_311 }, '903311'],
      [{ outMessageId: 7_700_123_456, maxId: '40117702' }, '7700123456'],
      [{ id: aDispatch().requestId, code: 'ok' }, undefined],
      [{ id: 'msg-1' }, 'msg-1'],
      [{ message_id: 12 }, '12'],
      [{}, undefined],
    ])('reads %j: %s', async (body, messengerId) => {
      upstream.next({ body });
      expect(await send(SIMPLE)).toEqual(messengerId ? { messengerId } : {});
    });

    it('keeps an id beyond 2^53', async () => {
      upstream.next({ body: '{"outMessageId":9007199254740993}' });
      expect(await send()).toEqual({ messengerId: '9007199254740993' });
    });

    it.each([
      ['nothing', { body: '' }],
      ['half an answer', { cut: 200 }],
    ] as [string, Reply][])('counts 200 with %s as taken', async (_what, reply) => {
      upstream.next(reply);
      expect(await send()).toEqual({});
    });

    it('does not take a page for an answer of edna: a proxy may have kept the message', async () => {
      upstream.next({ body: '<html>ok</html>' });
      await expect(send()).rejects.toMatchObject({ outcome: 'unknown' });
    });

    it('counts its own id, used before, as taken', async () => {
      upstream.next({ status: 400, body: { title: 'requestId-is-not-unique', status: 400 } });
      expect(await send()).toEqual({});
    });

    it.each([
      ['a reset', 'reset', 'unknown'],
      ['500', { status: 500, body: '<html>' }, 'unknown'],
      ['429', { status: 429 }, 'not-sent'],
      ['401', { status: 401 }, 'blocked'],
      ['404', { status: 404 }, 'blocked'],
      ['400', { status: 400, body: { title: 'text-not-specified' } }, 'rejected'],
    ] as [string, Reply, string][])('%s: see the outcome', async (_what, reply, outcome) => {
      upstream.next(reply);
      await expect(send()).rejects.toMatchObject({ outcome });
    });

    it('does not know what a timeout left behind', async () => {
      await send();
      timeoutMs = 200;
      upstream.next('hang');
      await expect(send()).rejects.toMatchObject({ outcome: 'unknown', message: 'edna: timeout' });
    });

    it('sends nothing that the channel does not carry', async () => {
      const content = { kind: 'contact', name: 'P', phone: '79035550177', text: '' } as const;
      await expect(messenger.send(aDispatch({ content }), line())).rejects.toMatchObject({
        outcome: 'rejected',
        details: { reason: { key: 'not-supported', args: { kind: 'контакт' } } },
      });
      expect(upstream.got).toHaveLength(0);
    });
  });

  describe('find', () => {
    const since = new Date('2026-03-03T09:00:00Z');
    const find = (content: Content = { kind: 'text', text: 'Order 118 is packed.' }) =>
      messenger.find(aDispatch({ content, route: SIMPLE }), since, line());
    const item = (messageId: number | string, content: unknown, given: object = {}) => ({
      messageId,
      comment: null,
      direction: 'OUT',
      address: '79995550142',
      content,
      ...given,
    });
    const TEXT = { type: 'TEXT', text: 'Order 118 is packed.' };

    it('asks for what went to the client since then', async () => {
      await find();
      expect(upstream.last).toMatchObject({
        method: 'POST',
        path: '/api/messages/history',
        json: {
          subscriberFilter: { address: '79995550142', type: 'PHONE' },
          direction: 'OUT',
          dateFrom: '2026-03-03T09:00:00.000Z',
          offset: 0,
          limit: 100,
        },
      });
    });

    it('finds a text, as an object and as JSON within JSON', async () => {
      const comment = 'amo:7b1c';
      const content = [
        item(903_311, TEXT, { comment }),
        item('903312', JSON.stringify(TEXT)),
        item(903_313, { ...TEXT, text: 'another' }),
        item(903_314, TEXT, { direction: 'IN' }),
        item(903_315, TEXT, { address: '79995550143' }),
        item(903_316, 'no JSON'),
        item(903_317, null),
      ];
      upstream.next({ body: { content, hasNext: false } });
      expect(await find()).toEqual([
        { messengerId: '903311', comment },
        { messengerId: '903312', comment: undefined },
      ]);
    });

    it('keeps ids beyond 2^53', async () => {
      const text = JSON.stringify({ content: [item('ID', TEXT)] });
      upstream.next({ body: text.replace('"ID"', '9007199254740993') });
      expect(await find()).toMatchObject([{ messengerId: '9007199254740993' }]);
    });

    it('finds a file by its address, and by its name where no address fits', async () => {
      const url = 'https://media.example.test/f/51c2.pdf';
      const file = { kind: 'file', attachment: { url, name: 'offer.pdf' }, caption: '' } as const;
      const elsewhere = { url: 'https://files.example.test/zz', name: 'offer.pdf' };
      const other = { url: 'https://files.example.test/yy', name: 'other.pdf' };
      const moved = [
        item(1, { type: 'DOCUMENT', attachment: elsewhere }),
        item(2, { type: 'DOCUMENT', attachment: other }),
      ];
      const kept = item(3, { type: 'IMAGE', attachment: { url } });
      upstream.next({ body: { content: moved } }, { body: { content: [...moved, kept] } });
      expect(await find(file)).toMatchObject([{ messengerId: '1' }]);
      expect(await find(file)).toMatchObject([{ messengerId: '3' }]);
    });

    it('finds a location', async () => {
      const place = {
        kind: 'location',
        latitude: 59.9571,
        longitude: 30.3083,
        address: '',
      } as const;
      const location = { latitude: '59.9571', longitude: 30.3083 };
      upstream.next({ body: { content: [item(1, { type: 'LOCATION', location })] } });
      const dispatch = aDispatch({ content: place });
      expect(await messenger.find(dispatch, since, line())).toHaveLength(1);
    });

    it('goes on to further pages, and ends somewhere', async () => {
      upstream.on('/api/messages/history', { body: { content: [item(1, TEXT)], hasNext: true } });
      expect(await find()).toHaveLength(3);
      expect(upstream.got.map((got) => (got.json as { offset: number }).offset)).toEqual([
        0, 100, 200,
      ]);
    });

    it.each([400, 403, 404, 405])(
      'finds nothing where there is no history for us: %d',
      async (status) => {
        upstream.next({ status });
        expect(await find()).toEqual([]);
      },
    );

    it('leaves open what a failed lookup was to settle', async () => {
      upstream.next({ status: 500 }, { status: 429, headers: { 'Retry-After': '3' } }, 'reset');
      await expect(find()).rejects.toMatchObject({ outcome: 'unknown' });
      await expect(find()).rejects.toMatchObject({
        outcome: 'unknown',
        details: { retryAfterMs: 3_000 },
      });
      await expect(find()).rejects.toMatchObject({ outcome: 'unknown' });
      upstream.next({ body: '<html>' }, { cut: 200 });
      await expect(find()).rejects.toMatchObject({ outcome: 'unknown' });
      await expect(find()).rejects.toMatchObject({ outcome: 'unknown' });
    });

    it('is blocked by a wrong key', async () => {
      upstream.next({ status: 401 });
      await expect(find()).rejects.toMatchObject({ outcome: 'blocked' });
    });
  });

  it('knows the way of a conversation', async () => {
    upstream.on('/api/cascade/get-all', { status: 404 });
    const conversation = aConversation({ channel: 'whatsapp' });
    expect(await messenger.route(conversation, line())).toEqual(SIMPLE);
  });
});
