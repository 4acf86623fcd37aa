import { Settings } from '../../domain/settings.js';
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
    templates = new AmocrmTemplates(new AmocrmRest(http, access, pause));
  });
  afterEach(() => upstream.stop());

  const page = (...items: object[]) => ({ body: { _embedded: { chat_templates: items } } });

  it('are listed fifty a page, with their reviews, those of a messenger only', async () => {
    const reviews = [
      { id: 7, status: 'review' },
      { id: 8, status: 'approved' },
    ];
    const card = { id: 6101, external_id: '31010', name: 'a', content: 'b', is_editable: true };
    const full = Array.from({ length: 49 }, (_, i) => ({ id: i + 1, external_id: null }));
    upstream.next(page({ ...card, _embedded: { reviews } }, ...full));
    upstream.next({ status: 204, body: '' });
    expect(await templates.list()).toEqual([
      {
        id: '6101',
        externalId: '31010',
        name: 'a',
        content: 'b',
        isEditable: true,
        buttons: [],
        openReviews: ['7'],
      },
    ]);
    expect(upstream.got.map(({ path }) => path)).toEqual([
      '/api/v4/chats/templates?page=1&limit=50&with=reviews',
      '/api/v4/chats/templates?page=2&limit=50&with=reviews',
    ]);
    expect(upstream.last.headers.authorization).toBe('Bearer eyJ-token');
  });

  it('are changed by their id, and reviewed', async () => {
    upstream.next({ body: {} });
    await templates.change([{ ...DRAFT, id: '6101' }]);
    expect(upstream.last).toMatchObject({
      method: 'PATCH',
      json: [{ id: 6101, external_id: '31010', name: 'write_first', is_editable: true }],
    });
    upstream.next({ body: {} });
    await templates.decide('6101', '7', 'approved');
    expect(upstream.last).toMatchObject({
      method: 'POST',
      path: '/api/v4/chats/templates/6101/review/7',
      json: { status: 'approved' },
    });
  });

  it('wait as long as amoCRM asks, and no longer than five minutes', async () => {
    upstream.next({ status: 429, body: { retry_after: 7 } });
    upstream.next({ status: 429, headers: { 'Retry-After': '3600' }, body: '<html>' });
    upstream.next({ status: 429, body: '<html>' });
    upstream.next({ body: {} });
    await templates.create([DRAFT]);
    expect(pause.waits).toEqual([7_000, 300_000, 8_000]);
    expect(upstream.got).toHaveLength(4);
  });

  it('give up where amoCRM goes on asking', async () => {
    for (let i = 0; i < 4; i += 1) upstream.next({ status: 429, body: {} });
    await expect(templates.create([DRAFT])).rejects.toThrow('too many requests');
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
    await expect(templates.create([DRAFT])).rejects.toThrow(words);
  });
});
