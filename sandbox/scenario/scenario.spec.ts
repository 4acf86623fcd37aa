import { readScenario, ScenarioError } from './scenario.ts';

const HEAD = 'name: Обычный день\npeople: [anna]\n';

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
    ['a name that is missing', 'people: [anna]\nsteps: []\nend: []\n', ['a.yaml:1: name: ']],
    [
      'a misspelt key of a step',
      `${HEAD}steps:\n  - { client: anna, writs: Есть? }\nend: []\n`,
      ['a.yaml:4: steps.0'],
    ],
    [
      'a fault that is none, however deep it stands',
      `${HEAD}steps:\n  - repeat: 2\n    steps:\n      - fault: edna\n        rule: { kind: explode }\nend: []\n`,
      ['a.yaml:7: steps.0.steps.0.rule.kind'],
    ],
    [
      'a wait that is no number, and an expectation with a key nobody knows',
      `${HEAD}steps:\n  - { wait: long }\nend:\n  - { chat: anna, show: Есть? }\n`,
      ['a.yaml:4: steps.0.wait', 'a.yaml:6: end.0'],
    ],
    ['what is no YAML', 'name: [', ['a.yaml: ']],
  ])('with %s is refused, by line and place', (_, text, places) => {
    const mistakes = mistakesIn(text);
    for (const place of places) {
      expect(mistakes).toContainEqual(expect.stringContaining(place));
    }
  });
});
