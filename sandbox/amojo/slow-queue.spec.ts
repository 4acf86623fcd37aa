import { ManualClock, realClock } from '../clock.ts';

import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import type { Chat } from './chat.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;
let chat: Chat;

const RULE = { afterFailures: 2, slowAnswerMs: 4000, delayMs: 30_000 };

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, amojo: { connected: true, slowQueue: RULE } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  ({ chat } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!'));
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const texts = () =>
  bridge.posted.map(
    ({ body }) => (body as { message: { message: { text: string } } }).message.message.text,
  );
const writes = (text: string) => sandbox.manager.writes(chat, text);

describe('an endpoint that answers badly', () => {
  beforeEach(async () => {
    bridge.answers = () => 503;
    await writes('раз');
    await writes('два');
    bridge.answers = () => 200;
  });

  it('gets its hooks late and in their order, each once', async () => {
    expect(sandbox.amojo.slowQueue.isSlow).toBe(true);
    const three = await writes('три');
    const four = await writes('четыре');
    expect(three.hookWaits).toBe(true);
    expect(three.parcel).toBeUndefined();
    expect(sandbox.ledger()).toMatchObject({ writtenByManagers: 5, violations: 0 });
    clock.advance(29_999);
    expect(sandbox.amojo.slowQueue.waiting).toBe(2);
    expect(texts()).toEqual(['Добрый день!', 'раз', 'два']);
    clock.advance(1);
    await sandbox.until(() => four.parcel?.state === 'taken');
    expect(texts()).toEqual(['Добрый день!', 'раз', 'два', 'три', 'четыре']);
    expect(three.hookWaits).toBeUndefined();
  });

  it('gets each hook as late as the next one', async () => {
    bridge.answers = () => 503;
    const three = await writes('три');
    clock.advance(20_000);
    const four = await writes('четыре');
    clock.advance(10_000);
    await sandbox.until(() => three.parcel?.state === 'given up');
    // A call there and back, in which a hook that must not leave would have left.
    await bridge.scope('/typing', {});
    expect(sandbox.amojo.slowQueue.waiting).toBe(1);
    clock.advance(19_999);
    expect(sandbox.amojo.slowQueue.waiting).toBe(1);
    clock.advance(1);
    await sandbox.until(() => four.parcel?.state === 'given up');
    expect(texts()).toEqual(['Добрый день!', 'раз', 'два', 'три', 'четыре']);
  });

  it('comes back to the quick queue once it has answered well often enough', async () => {
    await writes('три');
    clock.advance(30_000);
    await sandbox.until(() => texts().length === 4);
    const four = await writes('четыре');
    expect(four.hookWaits).toBe(true);
    clock.advance(30_000);
    await sandbox.until(() => !sandbox.amojo.slowQueue.isSlow && four.parcel?.state === 'taken');
    await writes('пять');
    await sandbox.until(() => texts().length === 6);
  });
});

describe('an endpoint that answers slowly', () => {
  it('is treated as one that answers badly', async () => {
    sandbox.amojo.settings.slowQueue = { ...RULE, slowAnswerMs: 0 };
    await writes('раз');
    await writes('два');
    expect((await writes('три')).hookWaits).toBe(true);
  });

  it('is not by default', async () => {
    sandbox.amojo.settings.slowQueue = 'off';
    bridge.answers = () => 503;
    for (const text of ['раз', 'два', 'три', 'четыре']) await writes(text);
    expect(texts()).toHaveLength(5);
  });
});

describe('the slow queue of a clock that runs fast', () => {
  it('posts a hook as soon as the clock says so, and asks once', async () => {
    await sandbox.close();
    const quick = realClock({ speed: 1000 });
    let calls = 0;
    const counted = {
      now: () => quick.now(),
      after: (ms: number, act: () => void) => {
        calls += 1;
        return quick.after(ms, act);
      },
    };
    sandbox = await startSandbox({ clock: counted, amojo: { connected: true, slowQueue: RULE } });
    await bridge.close();
    bridge = new StandInBridge(sandbox);
    await bridge.listen();
    ({ chat } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!'));
    bridge.answers = () => 503;
    await writes('раз');
    await writes('два');
    calls = 0;
    const three = await writes('три');
    await sandbox.until(() => three.parcel, 1000);
    expect(calls).toBe(1);
  });
});
