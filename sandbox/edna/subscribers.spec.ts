import { ManualClock } from '../clock.ts';
import { dig } from '../json.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new ManualClock() });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const ANNA = { address: '79995550142', type: 'PHONE' };

const call = (method: string, path: string, body: unknown) =>
  bridge.edna(`/api/subscribers/${path}`, body, undefined, method);
const find = (body: unknown) => call('GET', 'get-by-address', body);

/** The client's id in the callbacks. */
async function idOf(address: string): Promise<number> {
  await sandbox.client(address).writes('Hello');
  return Number(dig(bridge.posted.at(-1)?.body, 'subscriber', 'id'));
}

describe('subscribers', () => {
  it('are found by the address they write from: a GET with a body', async () => {
    const id = await idOf(ANNA.address);
    expect(await find(ANNA)).toMatchObject({
      status: 200,
      json: {
        id,
        blacklisted: false,
        addresses: [{ id: expect.any(Number), ...ANNA }],
        parameterValues: [],
        tagValues: [],
      },
    });
  });

  it('are made by a message to them as well', async () => {
    expect((await find(ANNA)).status).toBe(404);
    await bridge.edna('/api/cascade/schedule', {
      requestId: 'r-1',
      cascadeId: 9026,
      subscriberFilter: ANNA,
      content: { whatsappContent: { contentType: 'TEXT', text: 'Hello' } },
    });
    expect((await find(ANNA)).status).toBe(200);
  });

  it('take further addresses', async () => {
    const id = await idOf(ANNA.address);
    const own = { address: 'crm-77', type: 'EXT_USER_ID' };
    expect((await call('PATCH', 'update', { id, addresses: [own] })).status).toBe(200);
    expect((await find(own)).json).toMatchObject({ id, addresses: [ANNA, own] });
  });

  it('lose an address, and whoever writes from it is somebody new', async () => {
    const id = await idOf(ANNA.address);
    expect((await call('POST', 'delete-by-address', ANNA)).status).toBe(200);
    expect((await find(ANNA)).status).toBe(404);
    expect(await idOf(ANNA.address)).not.toBe(id);
  });

  it.each([
    [400, 'GET', 'get-by-address', ''],
    [400, 'GET', 'get-by-address', { address: 'crm-77' }],
    [400, 'GET', 'get-by-address', { address: 'crm-77', type: 'FAX' }],
    [404, 'GET', 'get-by-address', { address: '79995550142', type: 'EMAIL' }],
    [404, 'PATCH', 'update', { id: 1, addresses: [] }],
    [404, 'POST', 'delete-by-address', { address: 'crm-78', type: 'EXT_USER_ID' }],
  ])('answer %i to %s %s %j', async (status, method, path, body) => {
    await idOf(ANNA.address);
    expect((await call(method, path, body)).status).toBe(status);
  });
});
