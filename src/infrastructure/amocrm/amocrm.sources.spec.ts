import { Settings } from '../../domain/settings.js';
import { aLine } from '../../../test/builders.js';
import { Upstream } from '../../../test/upstream.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import { AmocrmAccess } from './amocrm.adapter.js';
import { AmocrmRest, Pause } from './amocrm.rest.js';
import { AmocrmSources } from './amocrm.sources.js';

class NoPause extends Pause {
  override wait(): Promise<void> {
    return Promise.resolve();
  }
}

describe('AmocrmSources', () => {
  let upstream: Upstream;
  let sources: AmocrmSources;
  const line = {
    ...aLine({}, { sourceExternalId: 'moscow 1', pipelineId: 90_210, isDefault: true }),
    name: 'Москва',
  };
  const wanted = { name: 'Москва', pipeline_id: 90_210, default: true };
  beforeEach(async () => {
    upstream = await Upstream.start();
    const access = new AmocrmAccess({ baseUrl: upstream.url, token: 'eyJ-token' });
    const http = new Http(new Settings(), new Clock());
    sources = new AmocrmSources(new AmocrmRest(http, access, new NoPause()));
  });
  afterEach(() => upstream.stop());

  const listed = (...items: object[]) => ({ body: { _embedded: { sources: items } } });

  it('makes one that is not there', async () => {
    upstream.next({ status: 204, body: '' });
    upstream.next({ body: {} });
    expect(await sources.ensure(line)).toBe('made');
    expect(upstream.got[0]?.path).toBe('/api/v4/sources?filter[external_id]=moscow%201');
    expect(upstream.last).toMatchObject({
      method: 'POST',
      path: '/api/v4/sources',
      json: [{ ...wanted, external_id: 'moscow 1' }],
    });
  });

  it('changes one that is otherwise, and leaves one that is right', async () => {
    upstream.next(listed({ id: 5521, external_id: 'moscow 1', ...wanted, pipeline_id: 1 }));
    upstream.next({ body: {} });
    expect(await sources.ensure(line)).toBe('changed');
    expect(upstream.last).toMatchObject({
      method: 'PATCH',
      path: '/api/v4/sources/5521',
      json: wanted,
    });
    upstream.next(listed({ id: 5521, external_id: 'moscow 1', ...wanted }));
    expect(await sources.ensure(line)).toBe('as it is');
    expect(upstream.got).toHaveLength(3);
  });

  it('asks nothing for a line without a source or without a pipeline', async () => {
    expect(await sources.ensure(aLine({}, { sourceExternalId: 'moscow' }))).toBe('as it is');
    expect(await sources.ensure(aLine({}, { pipelineId: 1 }))).toBe('as it is');
    expect(upstream.got).toHaveLength(0);
  });

  it('says what is wrong', async () => {
    upstream.next({ status: 403, body: {} });
    await expect(sources.ensure(line)).rejects.toThrow('amocrm answered 403');
  });
});
