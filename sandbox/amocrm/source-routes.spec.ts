import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInCaller } from './stand-in-caller.ts';

let sandbox: Sandbox;
let rest: StandInCaller;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new ManualClock(), amojo: { restPerSecond: 0 } });
  rest = new StandInCaller(sandbox);
});

afterEach(() => sandbox.close());

/** The documented source. */
const MAIN = {
  name: 'WA main',
  external_id: 'pulse-wa-main',
  default: true,
  origin_code: 'amo.ext.31990077',
};

async function added(source: object = MAIN): Promise<number> {
  const { json } = await rest.post('/sources', [source]);
  return (json as { _embedded: { sources: { id: number }[] } })._embedded.sources[0]?.id ?? 0;
}

describe('sources', () => {
  it('are added and answered as documented', async () => {
    expect((await rest.get('/sources')).status).toBe(204);
    expect(await rest.post('/sources', [MAIN])).toMatchObject({
      status: 200,
      json: {
        _total_items: 1,
        _embedded: {
          sources: [
            { ...MAIN, id: expect.any(Number), pipeline_id: 90_210, services: [], request_id: '0' },
          ],
        },
      },
    });
    const found = await rest.get('/sources?filter[external_id]=pulse-wa-main');
    expect(found.json).toMatchObject({ _total_items: 1 });
    expect((await rest.get('/sources?filter[external_id][]=another')).status).toBe(204);
  });

  it('have at most one default', async () => {
    const first = await added();
    const second = await added({ ...MAIN, external_id: 'pulse-wa-2' });
    expect((await rest.get(`/sources/${first}`)).json).toMatchObject({ default: false });
    expect((await rest.get(`/sources/${second}`)).json).toMatchObject({ default: true });
  });

  it('keep their external id for ever', async () => {
    const id = await added();
    const change = (body: object) => rest.call('PATCH', `/sources/${id}`, body);
    expect((await change({ name: 'WA', external_id: 'pulse-wa-main' })).status).toBe(200);
    expect((await change({ external_id: 'another' })).status).toBe(400);
    const list = [{ id, pipeline_id: 500 }];
    expect((await rest.call('PATCH', '/sources', list)).json).toMatchObject({
      _embedded: { sources: [{ name: 'WA', pipeline_id: 500, external_id: 'pulse-wa-main' }] },
    });
  });

  it('are removed with 204, alone or in a list', async () => {
    const id = await added();
    expect((await rest.call('DELETE', `/sources/${id}`)).status).toBe(204);
    expect((await rest.call('DELETE', `/sources/${id}`)).status).toBe(404);
    expect((await rest.get(`/sources/${id}`)).status).toBe(204);
    const other = await added();
    expect((await rest.call('DELETE', '/sources', [{ id: other }])).status).toBe(204);
    expect((await rest.get('/sources')).status).toBe(204);
  });

  it.each([
    ['0.name', { external_id: 'a' }],
    ['0.external_id', { name: 'A', external_id: 'x'.repeat(37) }],
    ['0.external_id', { name: 'A', external_id: 'линия' }],
    ['0.external_id', { name: 'A', external_id: 'pulse-wa-main' }],
    ['0.default', { name: 'A', default: 'yes' }],
    ['0.services.0.type', { name: 'A', services: [{ type: 'telegram' }] }],
    [
      '0.services.0.params.waba',
      { name: 'A', services: [{ type: 'whatsapp', params: { waba: 1 } }] },
    ],
  ])('with a wrong %s are refused', async (path, source) => {
    await added();
    const { status, json } = await rest.post('/sources', [source]);
    expect(status).toBe(400);
    expect(json).toHaveProperty('validation-errors.0.errors.0.path', path);
    expect(sandbox.amojo.crm().sources.all).toHaveLength(1);
  });

  it('are limited, in a request and in an account', async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ name: 'A', external_id: `${index}` }));
    expect((await rest.post('/sources', [...many, MAIN])).status).toBe(422);
    expect((await rest.post('/sources', many)).status).toBe(200);
    expect((await rest.post('/sources', [MAIN])).status).toBe(400);
  });

  it('are as many as the switch says', async () => {
    sandbox.amojo.settings.maxSources = 1;
    expect((await rest.post('/sources', [MAIN])).status).toBe(200);
    expect((await rest.post('/sources', [{ name: 'B', external_id: 'b' }])).status).toBe(400);
  });

  it('need a pipeline where the switch says so, and a widget always', async () => {
    sandbox.amojo.settings.sourceNeedsPipeline = true;
    expect((await rest.post('/sources', [MAIN])).status).toBe(400);
    expect((await rest.post('/sources', [{ ...MAIN, pipeline_id: 90_210 }])).status).toBe(200);
    sandbox.amojo.settings.integrationKind = 'external';
    expect((await rest.get('/sources')).status).toBe(403);
  });
});
