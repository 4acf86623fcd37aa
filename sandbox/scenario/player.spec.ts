import { realClock } from '../clock.ts';
import { NaiveRelay } from '../naive-relay.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { play, type BridgeControl } from './player.ts';
import { readScenario } from './scenario.ts';

const SPEED = 200;
/** Of real time: all that is waited for in vain is given up after so long. */
const PATIENCE_SECONDS = 0.3;

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({
    clock: realClock({ speed: SPEED }),
    amojo: { connected: true },
  });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  new NaiveRelay(bridge);
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

function playSteps(steps: string, control?: BridgeControl): Promise<string[]> {
  const scenario = readScenario(
    `name: x\npeople: { anna: '79995550142', ivan: '79995550143' }\n${steps}`,
    'x.yaml',
  );
  const clock = realClock({ speed: SPEED });
  return play(scenario, {
    sandbox,
    bridge: control,
    clock,
    patienceSeconds: PATIENCE_SECONDS,
  });
}

describe('a scenario that is played', () => {
  it('differs in nothing where all comes about', async () => {
    const wrong = await playSteps(`
steps:
  - { client: anna, writes: Есть? }
  - until: { chat: anna, shows: { from: client, type: text, text: Есть? } }
  - { manager: anna, writes: Есть, as: answer }
  - until: { chat: anna, has: { text: Есть, mark: read } }
  - repeat: 2
    steps: [{ client: anna, writes: 'Вопрос {n}' }]
end:
  - { chat: anna, shows: [Есть?, Есть, Вопрос 1, Вопрос 2] }
  - { phone: anna, shows: { type: TEXT, text: Есть, mark: READ } }
  - { ledger: { chats: 1, leads: 1 } }
  - { requests: schedule, times: 1 }
  - { connected: true }
`);
    expect(wrong).toEqual([]);
  });

  it.each([
    [
      'what a chat lacks',
      'steps: [{ client: anna, writes: Есть? }]\nend: [{ chat: anna, has: Нет }]',
      'в чате anna нет «Нет», видно [client text «Есть?» (none)]',
    ],
    [
      'what it has beyond',
      'steps: [{ client: anna, writes: Есть? }]\nend: [{ chat: anna, shows: [] }]',
      'в чате anna ожидали [], видно [client text «Есть?» (none)]',
    ],
    [
      'what it must not have',
      'steps: [{ client: anna, writes: Есть? }]\nend: [{ chat: anna, lacks: Есть? }]',
      'в чате anna лишнее: «Есть?»',
    ],
    [
      'the order of one side',
      'steps: [{ client: anna, writes: a }, { client: anna, writes: b }]\nend: [{ chat: anna, shows: [b, a] }]',
      'в чате anna ожидали [«b», «a»]',
    ],
    ['a count', 'steps: [{ wait: 1 }]\nend: [{ ledger: { chats: 3 } }]', 'счёт: chats = 0, а не 3'],
    [
      'requests',
      'steps: [{ wait: 1 }]\nend: [{ requests: schedule }]',
      'запросов schedule: 0, ожидали не меньше 1',
    ],
    [
      'a fault that never struck: what it was to prove was not proven',
      'steps: [{ fault: edna, rule: { kind: lose, endpoint: status } }]\nend: [{ connected: true }]',
      'сбой ни разу не сработал: {"kind":"lose","endpoint":"status"}',
    ],
    [
      'the step at which it stood still',
      'steps: [{ client: anna, writes: Есть? }, { until: { phone: anna, has: Есть } }]\nend: [{ connected: true }]',
      'шаг 2: на телефоне anna нет «Есть», видно []',
    ],
    [
      'an answer that is another',
      'steps: [{ client: anna, writes: x, as: m }, { again: m, answered: 401 }]\nend: [{ connected: true }]',
      'шаг 2: m: ответ 200, а не 401',
    ],
    [
      'a bridge that is not ours to stop',
      'steps: [{ bridge: restart }]\nend: [{ connected: true }]',
      'шаг 1: этот мост запустили не мы',
    ],
  ])('tells %s', async (_, steps, difference) => {
    expect((await playSteps(steps)).join('\n')).toContain(difference);
  });

  it('fails where the ledger has anything against the bridge, unless it is expected', async () => {
    const storm = `
steps:
  - { fault: edna, rule: { kind: double, endpoint: incoming } }
  - { client: anna, writes: Есть? }
`;
    bridge.answers = async ({ body }) => {
      const id = Math.random().toString(36);
      await bridge.scope('', {
        event_type: 'new_message',
        payload: {
          timestamp: 1_772_529_420,
          msgid: id,
          conversation_id: 'c-1',
          sender: { id: 'edna:71844:79995550142', name: 'Анна' },
          message: {
            type: 'text',
            text: (body as { messageContent: { text: string } }).messageContent.text,
          },
        },
      });
      return 200;
    };
    expect(await playSteps(`${storm}end: [{ connected: true }]`)).toEqual([
      'счёт: doubled = 1, а не 0',
    ]);
    sandbox.log.violations.length = 0;
    expect(await playSteps(`steps: [{ wait: 1 }]\nend: [{ ledger: { doubled: 1 } }]`)).toEqual([]);
  });

  it('reports statuses, posts again, waits, and switches faults and twins', async () => {
    sandbox.edna.settings.statuses = 'manual';
    const wrong = await playSteps(`
steps:
  - { client: anna, writes: Есть? , as: question }
  - { client: ivan, writes: Здравствуйте }
  - { manager: anna, writes: Есть, quoting: question, as: answer }
  - { status: DELIVERED, of: answer }
  - until: { chat: anna, has: { text: Есть, mark: delivered, quotes: Есть? } }
  - { fault: edna, rule: { kind: lose, endpoint: status, times: 1 }, as: lost }
  - { status: READ, of: answer }
  - until: { caught: lost, times: 1 }
  - { twin: edna, goes: down }
  - { wait: 1 }
  - { twin: edna, goes: up }
  - { clear: all }
  - together:
      - { client: anna, writes: Вы здесь? }
      - { client: ivan, writes: Ау! }
  - { post: edna, body: { id: 1 }, answered: 200 }
end:
  - { chat: anna, has: [Вы здесь?, { text: Есть, mark: delivered }] }
  - { chat: ivan, shows: [Здравствуйте, Ау!] }
`);
    expect(wrong).toEqual([]);
  });

  it('stops and starts a bridge that is ours', async () => {
    const done: string[] = [];
    const note = (what: string) => async () => {
      done.push(what);
    };
    const control = {
      restart: note('restart'),
      kill: note('kill'),
      stop: note('stop'),
      start: note('start'),
    };
    const steps = ['restart', 'kill', 'stop', 'start'].map((one) => `{ bridge: ${one} }`);
    expect(
      await playSteps(`steps: [${steps.join(', ')}]\nend: [{ connected: true }]`, control),
    ).toEqual([]);
    expect(done).toEqual(['restart', 'kill', 'stop', 'start']);
  });
});
