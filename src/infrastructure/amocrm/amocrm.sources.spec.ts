import type { Line } from '../../domain/line.js';
import { TokenDesk } from '../../../test/token-desk.js';
import type { Upstream } from '../../../test/upstream.js';
import { AmocrmSources } from './amocrm.sources.js';

describe('AmocrmSources', () => {
  let desk: TokenDesk;
  let upstream: Upstream;
  let sources: AmocrmSources;
  const moscow = { sourceExternalId: 'moscow 1', pipelineId: 90_210, isDefault: true };
  const withAmo = (amo: Partial<Line['amo']>) => ({
    ...desk.line,
    amo: { ...desk.line.amo, ...amo },
    name: 'Москва',
  });
  let line: Line;
  const wanted = { name: 'Москва', pipeline_id: 90_210, default: true };
  beforeEach(async () => {
    desk = await TokenDesk.open();
    await desk.begin({ token: 'eyJ-token' });
    ({ upstream } = desk);
    line = withAmo(moscow);
    sources = new AmocrmSources(desk.accounts);
  });
  afterEach(() => desk.close());

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
    expect(await sources.ensure(withAmo({ sourceExternalId: 'moscow' }))).toBe('as it is');
    expect(await sources.ensure(withAmo({ pipelineId: 1 }))).toBe('as it is');
    expect(upstream.got).toHaveLength(0);
  });

  it('says what is wrong', async () => {
    upstream.next({ status: 403, body: {} });
    await expect(sources.ensure(line)).rejects.toThrow('amocrm answered 403');
  });
});
