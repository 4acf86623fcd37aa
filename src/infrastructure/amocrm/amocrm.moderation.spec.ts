import { aLine } from '../../../test/builders.js';
import { Upstream, type Reply } from '../../../test/upstream.js';
import { Settings } from '../../domain/settings.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import { AmocrmAccess } from './amocrm.adapter.js';
import { AmocrmModerationHook } from './amocrm.moderation.js';
import { AmocrmRest, Pause } from './amocrm.rest.js';

class NoPause extends Pause {
  override wait(): Promise<void> {
    return Promise.resolve();
  }
}

const ADDRESS = 'https://bridge.example.net/webhooks/amocrm-account/t';
const EVENT = 'add_chat_template_review';
const listed = (...webhooks: object[]): Reply => ({ body: { _embedded: { webhooks } } });

describe('the webhook of moderations', () => {
  let upstream: Upstream;
  let hook: AmocrmModerationHook;
  beforeEach(async () => {
    upstream = await Upstream.start();
    const access = new AmocrmAccess({ baseUrl: upstream.url, token: 'eyJ-token' });
    const rest = new AmocrmRest(new Http(new Settings(), new Clock()), access, new NoPause());
    hook = new AmocrmModerationHook({ of: () => rest });
  });
  afterEach(() => upstream.stop());

  it.each([
    [{ status: 204, body: '' } as Reply, 'absent'],
    [listed({ destination: 'https://other.example.net', settings: [EVENT] }), 'absent'],
    [listed({ destination: ADDRESS, settings: ['add_lead'] }), 'absent'],
    [listed({ destination: ADDRESS, settings: [EVENT], disabled: false }), 'on'],
    [listed({ destination: ADDRESS, settings: [EVENT], disabled: true }), 'off'],
  ])('after %j is %s', async (reply, state) => {
    upstream.next(reply);
    expect(await hook.state(aLine(), ADDRESS)).toBe(state);
    expect(upstream.last.path).toBe(
      `/api/v4/webhooks?filter[destination]=${encodeURIComponent(ADDRESS)}`,
    );
  });

  it('is registered for the one event', async () => {
    await hook.register(aLine(), ADDRESS);
    expect(upstream.last).toMatchObject({
      method: 'POST',
      path: '/api/v4/webhooks',
      json: { destination: ADDRESS, settings: [EVENT] },
    });
  });
});
