import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import type { ChatMessage } from './chat.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
let message: ChatMessage;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  message = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const report = (body: object, id = message.id) => bridge.scope(`/${id}/delivery_status`, body);

describe('a delivery status', () => {
  it('is answered 200 with an empty body and moves the tick', async () => {
    expect(message.tick).toEqual({ state: 'none' });
    const answer = await report({ status_code: 1 });
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(0);
    expect(message.tick).toEqual({ state: 'delivered' });
    await report({ delivery_status: 2, msgid: message.id });
    expect(message.tick).toEqual({ state: 'read' });
    expect(message.reports).toMatchObject([
      { statusCode: 1, fields: ['status_code'] },
      { statusCode: 2, fields: ['delivery_status'] },
    ]);
    expect(sandbox.ledger().violations).toBe(0);
  });

  it('shows the code and the text of an error, which a proof of arrival outweighs', async () => {
    await report({ status_code: -1, error_code: 905, error: 'Не доставлено' });
    expect(message.tick).toEqual({ state: 'error', code: 905, error: 'Не доставлено' });
    await report({ status_code: 1, delivery_status: 1 });
    expect(message.tick).toEqual({ state: 'delivered' });
    expect(sandbox.ledger()).toMatchObject({ violations: 0, statusBackwards: 0 });
  });

  it('that goes back is taken, does not move the tick, and is a breach', async () => {
    await report({ status_code: 2 });
    expect((await report({ status_code: 1 })).status).toBe(200);
    expect((await report({ status_code: -1, error_code: 903 })).status).toBe(200);
    expect(message.tick).toEqual({ state: 'read' });
    expect(sandbox.ledger()).toMatchObject({ violations: 2, statusBackwards: 2 });
  });

  it('of an unknown message, or under the id of the integration, is 404', async () => {
    expect((await report({ status_code: 1 }, 'pulse-in-778')).status).toBe(404);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'delivery-status', status: 404 }]);
  });

  it.each([
    {},
    { status_code: '1' },
    { status_code: 3 },
    { status_code: 1, delivery_status: 2 },
    { status_code: 1, msgid: 'another' },
    { status_code: -1 },
    { status_code: -1, error_code: 906, error: 'x' },
    { status_code: -1, error_code: 905 },
    { status_code: -1, error_code: 905, error: '' },
    { status_code: -1, error_code: '902' },
  ])('of %j is 400', async (body) => {
    expect((await report(body)).status).toBe(400);
    expect(message.tick).toEqual({ state: 'none' });
    expect(sandbox.ledger().violations).toBe(1);
  });

  it.each([{ status_code: 0 }, { status_code: 1, error_code: 0, error: '' }])(
    'of %j passes, but is a breach',
    async (body) => {
      expect((await report(body)).status).toBe(200);
      expect(sandbox.violations).toMatchObject([{ endpoint: 'delivery-status', status: 200 }]);
    },
  );
});
