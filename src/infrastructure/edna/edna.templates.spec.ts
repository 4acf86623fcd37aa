import { aLine } from '../../../test/builders.js';
import { aDispatch, CASCADE_ROUTE } from '../../../test/outgoing.js';
import { Upstream, type Reply } from '../../../test/upstream.js';
import type { Route } from '../../domain/ports.js';
import { Settings } from '../../domain/settings.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import { EdnaApi } from './edna.api.js';
import { EdnaCatalogue } from './edna.catalogue.js';
import { EdnaTemplates } from './edna.templates.js';

class HandClock extends Clock {
  at = Date.parse('2026-11-20T09:00:00Z');

  override now(): Date {
    return new Date(this.at);
  }
}

const PATH = '/api/message-matchers/get-by-request';
const listed = (...items: object[]): Reply => ({
  body: items.map((item) => ({
    channelType: 'WHATSAPP',
    content: { text: 'Hello' },
    status: 'APPROVED',
    locked: false,
    ...item,
  })),
});

describe('EdnaTemplates', () => {
  let upstream: Upstream;
  let clock: HandClock;
  let templates: EdnaTemplates;
  beforeEach(async () => {
    upstream = await Upstream.start();
    clock = new HandClock();
    const api = new EdnaApi(new Http(new Settings(), clock));
    templates = new EdnaTemplates(new EdnaCatalogue(api, clock), api);
  });
  afterEach(() => upstream.stop());

  const line = (subjectId?: string) => aLine({ baseUrl: upstream.url, subjectId });
  const find = (externalId: string | undefined, route: Route = CASCADE_ROUTE) => {
    const template = { ...(externalId && { externalId }), params: {} };
    const dispatch = aDispatch({ content: { kind: 'text', text: 'Hello', template }, route });
    return templates.of(dispatch, line(), performance.now() + 5_000);
  };

  it('are asked for once an hour, channel by channel', async () => {
    upstream.next(listed({ id: 31_008 }));
    expect(await find('31008')).toMatchObject({ id: '31008', text: 'Hello' });
    clock.at += 59 * 60_000;
    expect(await find('31008')).toMatchObject({ id: '31008' });
    expect(upstream.got).toHaveLength(1);
    expect(upstream.last).toMatchObject({ path: PATH, json: { subjectId: 71_844 } });
    clock.at += 2 * 60_000;
    upstream.next(listed({ id: 31_008, locked: true }));
    expect(await find('31008')).toBeUndefined();
  });

  it('are asked for again where one is not there, and no more than once a minute', async () => {
    upstream.next(listed());
    expect(await find('31008')).toBeUndefined();
    expect(await find('31008')).toBeUndefined();
    expect(upstream.got).toHaveLength(1);
    clock.at += 61_000;
    upstream.next(listed({ id: 31_008 }));
    expect(await find('31008')).toMatchObject({ id: '31008' });
  });

  it.each([
    [{ status: 403 }, 'the key may not see them'],
    [{ status: 404 }, 'there is no such list'],
    [listed({ id: 31_008, status: 'PAUSED' }), 'it cannot be used'],
  ] as [Reply, string][])('leave the text by itself after %j: %s', async (reply) => {
    upstream.next(reply);
    expect(await find('31008')).toBeUndefined();
  });

  it.each<Reply>([{ status: 503 }, { status: 500 }, 'reset'])(
    'hold the message back while edna cannot be asked: %j',
    async (reply) => {
      upstream.next(reply);
      await expect(find('31008')).rejects.toMatchObject({ outcome: 'not-sent' });
    },
  );

  it('are not asked for where none was named, or where there are none', async () => {
    expect(await find(undefined)).toBeUndefined();
    expect(await find('31008', { dialect: 'simple', dropsRepeats: false })).toBeUndefined();
    expect(await find('31008', { ...CASCADE_ROUTE, channelType: 'VIBER' })).toBeUndefined();
    expect(await find('31008', { ...CASCADE_ROUTE, subjectId: undefined })).toBeUndefined();
    expect(upstream.got).toEqual([]);
  });

  it('are listed of all channels of WhatsApp, each template once', async () => {
    upstream.next({
      body: [
        { subjectId: 1, subject: 'one', type: 'WHATSAPP' },
        { subjectId: 2, subject: 'two', type: 'VIBER' },
        { subjectId: 3, subject: 'three', type: 'WHATSAPP' },
      ],
    });
    upstream.next(listed({ id: 10 }, { id: 11 }));
    upstream.next(listed({ id: 11 }, { id: 12, channelType: 'SMS' }));
    expect((await templates.list(line())).map(({ id }) => id)).toEqual(['10', '11']);
  });

  it.each([
    ['numbers', ['1', '3'], [1, 3]],
    ['names', ['three'], [3]],
    ['the messenger', ['WhatsApp'], [1, 3, 4]],
    ['another messenger', ['viber'], []],
  ])('are listed of no channels but those the line names: %s', async (_, channels, asked) => {
    upstream.next({
      body: [
        { subjectId: 1, subject: 'one', type: 'WHATSAPP' },
        { subjectId: 2, subject: 'two', type: 'VIBER' },
        { subjectId: 3, subject: 'three', type: 'WHATSAPP' },
        { subjectId: 4, subject: 'of another company', type: 'WHATSAPP' },
      ],
    });
    upstream.on(PATH, { body: [] });
    await templates.list(aLine({ baseUrl: upstream.url, channels }));
    const lists = upstream.got.filter(({ path }) => path === PATH);
    expect(lists.map(({ json }) => json)).toEqual(asked.map((subjectId) => ({ subjectId })));
  });

  it('are listed of every number the line names, of which the first is to write through', async () => {
    const one = aLine({ baseUrl: upstream.url, channels: ['1', '3'], subjectId: '1' });
    upstream.next({ status: 403 });
    upstream.next(listed({ id: 10 }));
    upstream.next(listed({ id: 11 }));
    expect((await templates.list(one)).map(({ id }) => id)).toEqual(['10', '11']);
  });

  it('are listed of the line’s own channel where it has one', async () => {
    upstream.next(listed({ id: 10 }));
    expect(await templates.list(line('71844'))).toMatchObject([{ id: '10' }]);
    upstream.next({ status: 403 });
    await expect(templates.list(line('71844'))).rejects.toMatchObject({ outcome: 'blocked' });
  });

  it('are asked for again at once where edna told of a change', async () => {
    upstream.next(listed({ id: 31_008, status: 'PENDING' }));
    expect(await find('31008')).toBeUndefined();
    templates.forget();
    upstream.next(listed({ id: 31_008 }));
    expect(await find('31008')).toMatchObject({ id: '31008' });
  });

  it('that the CRM made are found by the card’s number in their name, the newest first', async () => {
    upstream.next(
      listed(
        { id: 31_101, name: 'order_1a1b2c3d_amo6955' },
        { id: 31_100, name: 'order_0a1b2c3d_amo6955' },
        { id: 31_102, name: 'order_2a1b2c3d_amo6955', status: 'PENDING' },
        { id: 31_103, name: 'order_3a1b2c3d_amo69550' },
      ),
    );
    const sentBy = (given: { cardId: string; externalId?: string }) => {
      const content = { kind: 'text', text: 'Hello', template: { ...given, params: {} } } as const;
      const dispatch = aDispatch({ content, route: CASCADE_ROUTE });
      return templates.of(dispatch, line(), performance.now() + 5_000);
    };
    expect(await sentBy({ cardId: '6955' })).toMatchObject({ id: '31101' });
    // The id is of the words it had before.
    expect(await sentBy({ cardId: '6955', externalId: '31100' })).toMatchObject({ id: '31101' });
    expect(await sentBy({ cardId: '1', externalId: '31100' })).toMatchObject({ id: '31100' });
    expect(upstream.got).toHaveLength(1);
  });
});

describe('a template that is handed in', () => {
  let upstream: Upstream;
  let templates: EdnaTemplates;
  beforeEach(async () => {
    upstream = await Upstream.start();
    const clock = new HandClock();
    const api = new EdnaApi(new Http(new Settings(), clock));
    templates = new EdnaTemplates(new EdnaCatalogue(api, clock), api);
  });
  afterEach(() => upstream.stop());

  const SUBMISSION = {
    name: 'order_0a1b2c3d_amo6955',
    category: 'UTILITY',
    language: 'RU',
    text: 'Order {{1}}',
    examples: ['118'],
    header: 'Acme',
    footer: 'Bye',
    rows: [
      [
        { kind: 'reply', text: 'Yes' },
        { kind: 'url', text: 'Site', url: 'https://example.test' },
        { kind: 'phone', text: 'Call', phone: '79995550100' },
      ],
    ],
  } as const;
  const submit = (subjectId?: string) =>
    templates.submit(aLine({ baseUrl: upstream.url, subjectId }), SUBMISSION);

  it('has the documented form, for the channel of the line', async () => {
    upstream.next({ body: { id: 31_100 } });
    expect(await submit('71844')).toBe('31100');
    expect(upstream.last).toMatchObject({ method: 'POST', path: '/api/message-matchers' });
    expect(upstream.last.json).toEqual({
      messageMatcher: {
        name: 'order_0a1b2c3d_amo6955',
        channelType: 'WHATSAPP',
        language: 'RU',
        category: 'UTILITY',
        type: 'OPERATOR',
        content: {
          text: 'Order {{1}}',
          textExampleParams: ['118'],
          header: { headerType: 'TEXT', text: 'Acme' },
          footer: { text: 'Bye' },
          keyboard: {
            rows: [
              {
                buttons: [
                  { text: 'Yes', buttonType: 'QUICK_REPLY', payload: 'Yes' },
                  { text: 'Site', buttonType: 'URL', url: 'https://example.test' },
                  { text: 'Call', buttonType: 'PHONE', phone: '79995550100' },
                ],
              },
            ],
          },
        },
      },
      subjectIds: [71_844],
    });
  });

  it('goes to all channels of WhatsApp where the line names none', async () => {
    const channels = [
      { subjectId: 1, subject: 'a', type: 'WHATSAPP' },
      { subjectId: 2, subject: 'b', type: 'SMS' },
      { subjectId: 3, subject: 'c', type: 'WHATSAPP' },
    ];
    upstream.next({ body: channels }, { body: '' });
    expect(await submit()).toBeUndefined();
    expect(upstream.last.json).toMatchObject({ subjectIds: [1, 3] });
    upstream.next({ body: [] });
    templates = new EdnaTemplates(
      new EdnaCatalogue(new EdnaApi(new Http(new Settings(), new HandClock())), new HandClock()),
      new EdnaApi(new Http(new Settings(), new HandClock())),
    );
    await expect(submit()).rejects.toMatchObject({ outcome: 'blocked' });
  });

  it.each([
    [{ status: 400, body: { title: 'name-is-taken', status: 400 } }, 'rejected', 'name-is-taken'],
    [{ status: 200, body: { code: 'error-content-format' } }, 'rejected', 'error-content-format'],
    [{ status: 400, body: { title: 'error-subject-unknown' } }, 'blocked', 'error-subject-unknown'],
    [{ status: 403, body: {} }, 'blocked', 'HTTP 403'],
    [{ status: 404, body: {} }, 'blocked', 'HTTP 404'],
    [{ status: 503, body: {} }, 'not-sent', undefined],
    [{ status: 500, body: {} }, 'unknown', undefined],
  ])('and answered %j is %s', async (reply, outcome, code) => {
    upstream.next(reply);
    const error: unknown = await submit('71844').catch((one: unknown) => one);
    expect(error).toMatchObject({
      outcome,
      ...(code && { details: { reason: { args: { code } } } }),
    });
  });
});
