import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const MESSAGE = {
  event_type: 'new_message',
  payload: {
    timestamp: 1_772_529_420,
    msgid: 'pulse-in-778',
    conversation_id: 'pulse-conv-42',
    sender: { id: 'pulse-user-9', name: 'Анна К.' },
    message: { type: 'text', text: 'Привет' },
  },
};

describe('a well signed body of another type than the only one', () => {
  const TYPES = ['text/plain', 'application/json; charset=utf-8', 'Application/JSON'];

  it.each(TYPES)('is refused: %s', async (contentType) => {
    expect((await bridge.scope('', MESSAGE, { contentType })).status).toBe(400);
    expect(sandbox.chats).toEqual([]);
    expect(sandbox.violations).toMatchObject([{ reason: expect.stringMatching('Content-Type') }]);
  });

  it('is a breach where the switch lets it pass', async () => {
    sandbox.amojo.settings.otherContentType = 'taken';
    const contentType = 'application/json; charset=utf-8';
    expect((await bridge.scope('', MESSAGE, { contentType })).status).toBe(200);
    expect(sandbox.chats).toHaveLength(1);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'message', status: 200 }]);
  });

  it('does not matter where there is no body', async () => {
    const path = `/v2/origin/custom/${sandbox.scopeId}/chats/none/history`;
    expect((await bridge.amojo('GET', path, '', { contentType: 'text/plain' })).status).toBe(204);
    expect(sandbox.violations).toEqual([]);
  });
});
