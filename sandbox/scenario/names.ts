import type { Act, Expectation, Scenario, Step } from './scenario.ts';

/** A name nobody bears, and where it stands. */
export interface Stranger {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Kind = 'people' | 'messages' | 'faults';

const WORDS = {
  people: 'no such person',
  messages: 'no message was given this name before',
  faults: 'no fault was given this name before',
} as const satisfies Record<Kind, string>;

/** Names used before anything bears them; found when the file is read, not when its turn has come. */
export function strangersIn({ people, steps, end }: Scenario): Stranger[] {
  const known: Record<Kind, Set<string>> = {
    people: new Set(Array.isArray(people) ? people : Object.keys(people)),
    messages: new Set(),
    faults: new Set(['all']),
  };
  const strangers: Stranger[] = [];
  const use = (kind: Kind, name: string | undefined, path: Stranger['path']): void => {
    if (name === undefined || known[kind].has(name)) return;
    strangers.push({ path, message: `${WORDS[kind]}: ${name}` });
  };

  const lookAt = (expected: Expectation, path: Stranger['path']): void => {
    if ('chat' in expected) use('people', expected.chat, [...path, 'chat']);
    if ('phone' in expected) use('people', expected.phone, [...path, 'phone']);
    if ('caught' in expected) use('faults', expected.caught, [...path, 'caught']);
  };

  const take = (act: Act, path: Stranger['path']): void => {
    if ('client' in act) use('people', act.client, [...path, 'client']);
    if ('manager' in act) use('people', act.manager, [...path, 'manager']);
    if ('quoting' in act) use('messages', act.quoting, [...path, 'quoting']);
    if ('again' in act) use('messages', act.again, [...path, 'again']);
    if ('of' in act) use('messages', act.of, [...path, 'of']);
    if ('clear' in act) use('faults', act.clear, [...path, 'clear']);
    if ('until' in act) lookAt(act.until, [...path, 'until']);
    if ('as' in act && act.as !== undefined) {
      known['fault' in act ? 'faults' : 'messages'].add(act.as);
    }
  };

  const walk = (all: readonly Step[], path: Stranger['path']): void => {
    for (const [index, step] of all.entries()) {
      const here = [...path, index];
      if ('together' in step) walk(step.together, [...here, 'together']);
      else if ('repeat' in step) walk(step.steps, [...here, 'steps']);
      else take(step, here);
    }
  };

  walk(steps, ['steps']);
  for (const [index, expected] of end.entries()) lookAt(expected, ['end', index]);
  return strangers;
}
