import { readScenario, ScenarioError } from './scenario.ts';

const HEAD = 'name: Обычный день\npeople: [anna]\n';
const END = 'end: [{ connected: true }]\n';
const BODY = `steps: [{ wait: 1 }]\n${END}`;

function mistakesIn(text: string): string[] {
  try {
    readScenario(text, 'a.yaml');
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n');
    throw error;
  }
  throw new Error('it was read');
}

describe('a scenario file', () => {
  it('is read into steps and expectations', () => {
    const text = `${HEAD}bridge: { RETRY_MAX_SECONDS: 2 }
steps:
  - { client: anna, writes: Есть?, as: question }
  - repeat: 3
    steps:
      - { manager: anna, writes: 'Ответ {n}' }
end:
  - { chat: anna, shows: Есть? }
  - { phone: anna, has: [Ответ 1, { text: Ответ 3, mark: READ }] }
`;
    expect(readScenario(text, 'a.yaml')).toEqual({
      name: 'Обычный день',
      people: ['anna'],
      bridge: { RETRY_MAX_SECONDS: '2' },
      steps: [
        { client: 'anna', writes: 'Есть?', as: 'question' },
        { repeat: 3, steps: [{ manager: 'anna', writes: 'Ответ {n}' }] },
      ],
      end: [
        { chat: 'anna', shows: ['Есть?'] },
        { phone: 'anna', has: ['Ответ 1', { text: 'Ответ 3', mark: 'READ' }] },
      ],
    });
  });

  it.each([
    ['a name that is missing', `people: [anna]\n${BODY}`, ['a.yaml:1: name: ']],
    [
      'a misspelt key of a step',
      `${HEAD}steps:\n  - { client: anna, writs: Есть? }\n${END}`,
      ['a.yaml:4: steps.0'],
    ],
    [
      'a fault that is none, however deep it stands',
      `${HEAD}steps:\n  - repeat: 2\n    steps:\n      - fault: edna\n        rule: { kind: explode }\n${END}`,
      ['a.yaml:7: steps.0.steps.0.rule.kind'],
    ],
    [
      'a wait that is no number, and an expectation with a key nobody knows',
      `${HEAD}steps:\n  - { wait: long }\nend:\n  - { chat: anna, show: Есть? }\n`,
      ['a.yaml:4: steps.0.wait', 'a.yaml:6: end.0'],
    ],
    ['what is no YAML', 'name: x\npeople: [', ['a.yaml:2: ']],
    ['aliases in a circle', `name: &a [*a]\npeople: []\n${BODY}`, ['a.yaml']],
    ['nothing that happens', `${HEAD}steps: []\nend: []\n`, ['a.yaml:3: steps', 'a.yaml:4: end']],
    ['a key of the file nobody knows', `${HEAD}${BODY}ends: 1\n`, ['a.yaml:5: ']],
    [
      'two conditions in one, and one about nothing',
      `${HEAD}steps: [{ wait: 1 }]\nend:\n  - { chat: anna, has: x, ledger: { chats: 1 } }\n  - { phone: anna }\n`,
      ['a.yaml:5: end.0', 'a.yaml:6: end.1: shows, has or lacks is needed'],
    ],
    [
      'a count that the ledger does not keep',
      `${HEAD}steps: [{ wait: 1 }]\nend: [{ ledger: { chat: 1 } }]\n`,
      ['a.yaml:4: end.0.ledger'],
    ],
    [
      'a fault that can strike nothing',
      `${HEAD}steps:\n  - { fault: edna, rule: { kind: lose, endpoint: schedule } }\n  - { fault: amojo, rule: { kind: hold, endpoint: mesage } }\n${END}`,
      ['a.yaml:4: steps.0.rule', 'a.yaml:5: steps.1.rule'],
    ],
    [
      'a setting that is none',
      `${HEAD}sandbox: { edna: { nope: 1 } }\n${BODY}`,
      ['a.yaml:3: sandbox: no such setting: edna.nope'],
    ],
    [
      'names nobody bears',
      `${HEAD}steps:\n  - { client: oleg, writes: x, as: m }\n  - repeat: 2\n    steps: [{ again: n }]\n  - { clear: f }\nend: [{ phone: ivan, has: x }]\n`,
      [
        'a.yaml:4: steps.0.client: no such person: oleg',
        'a.yaml:6: steps.1.steps.0.again: no message was given this name before: n',
        'a.yaml:7: steps.2.clear: no fault was given this name before: f',
        'a.yaml:8: end.0.phone: no such person: ivan',
      ],
    ],
  ])('with %s is refused, by line and place', (_, text, places) => {
    const mistakes = mistakesIn(text);
    for (const place of places) {
      expect(mistakes).toContainEqual(expect.stringContaining(place));
    }
  });
});
