import { Settings } from '../../domain/settings.js';
import { ACCOUNT_ID } from '../../../test/builders.js';
import { Upstream } from '../../../test/upstream.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import type { CrmAccount } from '../../domain/ports.js';
import { AmocrmDirectory } from './amocrm.adapter.js';

describe('AmocrmDirectory', () => {
  let upstream: Upstream;
  const amojoId = (given: CrmAccount = {}) =>
    new AmocrmDirectory(new Http(new Settings(), new Clock())).amojoId({
      baseUrl: `${upstream.url}/`,
      token: 'eyJ-token',
      ...given,
    });

  beforeEach(async () => {
    upstream = await Upstream.start();
  });
  afterEach(() => upstream.stop());

  it("asks for the account's id in the chats interface", async () => {
    upstream.next({ body: { id: 31_990_077, subdomain: 'acme', amojo_id: ACCOUNT_ID } });
    expect(await amojoId()).toBe(ACCOUNT_ID);
    expect(upstream.last).toMatchObject({ method: 'GET', path: '/api/v4/account?with=amojo_id' });
    expect(upstream.last.headers.authorization).toBe('Bearer eyJ-token');
  });

  it.each([
    [{ status: 401 }, 'blocked'],
    [{ status: 404 }, 'blocked'],
    [{ status: 429 }, 'not-sent'],
    [{ status: 500 }, 'unknown'],
    [{ body: { id: 1 } }, 'blocked'],
    [{ body: '<html>' }, 'blocked'],
  ] as const)('%j: %s', async (reply, outcome) => {
    upstream.next(reply);
    await expect(amojoId()).rejects.toMatchObject({ outcome });
  });

  it('asks nobody without an address or a token', async () => {
    await expect(amojoId({ token: undefined })).rejects.toMatchObject({
      outcome: 'blocked',
    });
    await expect(amojoId({ baseUrl: '' })).rejects.toMatchObject({
      outcome: 'blocked',
    });
    expect(upstream.got).toHaveLength(0);
  });
});
