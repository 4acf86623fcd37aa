import { Settings } from '../../domain/settings.js';
import { aLine } from '../../../test/builders.js';
import { Upstream } from '../../../test/upstream.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import { AmocrmAccess } from './amocrm.adapter.js';
import { AmocrmRest, Pause } from './amocrm.rest.js';
import { AmocrmTemplates } from './amocrm.templates.js';

class NoPause extends Pause {
  readonly waits: number[] = [];

  override wait(ms: number): Promise<void> {
    if (ms >= 1_000) this.waits.push(ms);
    return Promise.resolve();
  }
}

const LINE = aLine();
const DRAFT = { externalId: '31010', name: 'write_first', content: 'Hello', buttons: [] };
const PROBLEM = {
  'validation-errors': [{ errors: [{ code: 'TooLong', path: '0.name', detail: 'Hello' }] }],
};

describe('AmocrmTemplates', () => {
  let upstream: Upstream;
  let pause: NoPause;
  let templates: AmocrmTemplates;
  beforeEach(async () => {
    upstream = await Upstream.start();
    pause = new NoPause();
    const access = new AmocrmAccess({ baseUrl: `${upstream.url}/`, token: 'eyJ-token' });
    const http = new Http(new Settings(), new Clock());
    templates = new AmocrmTemplates({ of: () => new AmocrmRest(http, access, pause) });
  });
  afterEach(() => upstream.stop());

  const page = (...items: object[]) => ({ body: { _embedded: { chat_templates: items } } });

  it('are listed fifty a page, with their reviews', async () => {
    const reviews = [
      { id: 7, status: 'review' },
      { id: 8, status: 'approved' },
    ];
    const card = { id: 6101, external_id: '31010', name: 'a', content: 'b', is_editable: true };
    const full = Array.from({ length: 49 }, (_, i) => ({ id: i + 1, external_id: null }));
    upstream.next(page({ ...card, _embedded: { reviews } }, ...full));
    upstream.next({ status: 204, body: '' });
    const listed = await templates.list(LINE);
    expect(listed).toHaveLength(50);
    expect(listed[0]).toEqual({
      id: '6101',
      externalId: '31010',
      name: 'a',
      content: 'b',
      isEditable: true,
      buttons: [],
      hasFile: false,
      openReviews: ['7'],
      wasReviewed: true,
    });
    expect(listed[1]).toMatchObject({ id: '1', wasReviewed: false });
    expect(upstream.got.map(({ path }) => path)).toEqual([
      '/api/v4/chats/templates?page=1&limit=50&with=reviews',
      '/api/v4/chats/templates?page=2&limit=50&with=reviews',
    ]);
    expect(upstream.last.headers.authorization).toBe('Bearer eyJ-token');
  });

  it('are changed by their id, and reviewed', async () => {
    upstream.next({ body: {} });
    await templates.change(LINE, [{ ...DRAFT, id: '6101' }]);
    expect(upstream.last).toMatchObject({
      method: 'PATCH',
      json: [{ id: 6101, external_id: '31010', name: 'write_first', is_editable: true }],
    });
    upstream.next({ body: {} });
    await templates.decide(LINE, '6101', '7', 'approved');
    expect(upstream.last).toMatchObject({
      method: 'POST',
      path: '/api/v4/chats/templates/6101/review/7',
      json: { status: 'approved' },
    });
    upstream.next({ body: {} });
    await templates.decide(LINE, '6101', '7', 'rejected', 'No greeting');
    expect(upstream.last.json).toEqual({ status: 'rejected', reject_reason: 'No greeting' });
  });

  it('of WhatsApp are read with all their fields, whatever PHP makes of an empty map', async () => {
    const fields = {
      id: 6955,
      type: 'waba',
      name: 'a',
      content: 'b {{lead.name}}',
      is_editable: true,
      buttons: [{ type: 'url', text: 'Site', url: 'https://example.test' }],
      attachment: null,
      waba_header: 'Acme',
      waba_header_type: 'text',
      waba_footer: 'Bye',
      waba_category: 'UTILITY',
      waba_language: 'ru',
      waba_examples: { '{{lead.name}}': 118 },
    };
    upstream.next({ body: fields });
    expect(await templates.find(LINE, '6955')).toMatchObject({
      id: '6955',
      hasFile: false,
      waba: {
        header: 'Acme',
        footer: 'Bye',
        category: 'UTILITY',
        language: 'ru',
        examples: { '{{lead.name}}': '118' },
      },
    });
    expect(upstream.last.path).toBe('/api/v4/chats/templates/6955?with=reviews');
    upstream.next({ body: { ...fields, waba_examples: [], waba_header_type: 'media' } });
    expect(await templates.find(LINE, '6955')).toMatchObject({
      hasFile: true,
      waba: { examples: {} },
    });
    upstream.next({ body: { ...fields, attachment: { id: 'x' } } });
    expect(await templates.find(LINE, '6955')).toMatchObject({ hasFile: true });
  });

  it('of another integration are not there; a token that is refused is no such thing', async () => {
    upstream.next({ status: 404, body: {} });
    expect(await templates.find(LINE, '6955')).toBeUndefined();
    upstream.next({ status: 401, body: {} });
    await expect(templates.find(LINE, '6955')).rejects.toThrow('AMOCRM_TOKEN');
  });

  it('of WhatsApp are made as such, linked, and sent to moderation', async () => {
    upstream.next({
      body: { _embedded: { chat_templates: [{ id: 6101, external_id: '31010' }] } },
    });
    const waba = {
      header: 'Acme',
      category: 'UTILITY',
      language: 'ru',
      examples: { '{{1}}': 'Anna' },
    };
    expect(await templates.create(LINE, [{ ...DRAFT, waba }])).toMatchObject([
      { id: '6101', externalId: '31010' },
    ]);
    expect(upstream.last.json).toEqual([
      {
        external_id: '31010',
        name: 'write_first',
        content: 'Hello',
        buttons: [],
        is_editable: true,
        type: 'waba',
        waba_header: 'Acme',
        waba_header_type: 'text',
        waba_category: 'UTILITY',
        waba_language: 'ru',
        waba_examples: { '{{1}}': 'Anna' },
      },
    ]);
    await templates.link(LINE, '6101', '31010');
    expect(upstream.last).toMatchObject({
      method: 'PATCH',
      path: '/api/v4/chats/templates/6101',
      json: { external_id: '31010' },
    });
    upstream.next({ body: { _embedded: { reviews: [{ id: 15, status: 'review' }] } } });
    expect(await templates.askReview(LINE, '6101')).toEqual(['15']);
    expect(upstream.last.path).toBe('/api/v4/chats/templates/6101/review');
  });

  it.each([
    [{ body: { _embedded: { sources: [{ services: [{ params: { waba: true } }] }] } } }, true],
    [{ body: { _embedded: { sources: [{ services: [{ params: { waba: false } }] }] } } }, false],
    [{ body: { _embedded: { sources: [{ services: [] }] } } }, false],
    [{ status: 204, body: '' }, false],
    [{ status: 403, body: {} }, false],
  ])('of WhatsApp are for who has a number of it: %j', async (reply, hasWaba) => {
    upstream.next(reply);
    expect(await templates.hasWaba(LINE)).toBe(hasWaba);
  });

  it('wait as long as amoCRM asks, and no longer than five minutes', async () => {
    upstream.next({ status: 429, body: { retry_after: 7 } });
    upstream.next({ status: 429, headers: { 'Retry-After': '3600' }, body: '<html>' });
    upstream.next({ status: 429, body: '<html>' });
    upstream.next({ body: {} });
    await templates.create(LINE, [DRAFT]);
    expect(pause.waits).toEqual([7_000, 300_000, 8_000]);
    expect(upstream.got).toHaveLength(4);
  });

  it('give up where amoCRM goes on asking', async () => {
    for (let i = 0; i < 4; i += 1) upstream.next({ status: 429, body: {} });
    await expect(templates.create(LINE, [DRAFT])).rejects.toThrow('too many requests');
    expect(upstream.got).toHaveLength(4);
  });

  it.each([
    [{ status: 400, body: PROBLEM }, '0.name TooLong'],
    [{ status: 401, body: {} }, 'AMOCRM_TOKEN is not valid'],
    [{ status: 402, body: {} }, 'not paid'],
    [{ status: 403, body: {} }, 'administrator'],
    [{ status: 403, body: '<html>403 Forbidden</html>' }, 'blocked this address'],
    [{ status: 404, body: {} }, 'AMOCRM_BASE_URL'],
    [{ status: 422, body: {} }, 'limit of chat templates'],
    [{ status: 500, body: {} }, 'amocrm answered 500'],
  ])('say in words what %j means', async (reply, words) => {
    upstream.next(reply);
    await expect(templates.create(LINE, [DRAFT])).rejects.toThrow(words);
  });
});
