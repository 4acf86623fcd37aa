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
    templates = new EdnaTemplates(new EdnaCatalogue(api, clock));
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

  it('are listed of the line’s own channel where it has one', async () => {
    upstream.next(listed({ id: 10 }));
    expect(await templates.list(line('71844'))).toMatchObject([{ id: '10' }]);
    upstream.next({ status: 403 });
    await expect(templates.list(line('71844'))).rejects.toMatchObject({ outcome: 'blocked' });
  });
});
