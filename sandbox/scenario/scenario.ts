import { LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { whyItCannotStrike } from '../endpoints.ts';
import { faultRule } from '../fault-rule.ts';
import { settingsChange } from '../settings.ts';
import { LEDGER_COUNTS } from './ledger-counts.ts';
import { strangersIn } from './names.ts';

/** A message as somebody sees it; a text alone means a message with exactly that text. */
const row = z.union([
  z.string(),
  z.strictObject({
    from: z.enum(['client', 'manager']).optional(),
    /** Kind of the message, as the side that shows it names kinds. */
    type: z.string().optional(),
    text: z.string().optional(),
    /** A part of the text. */
    says: z.string().optional(),
    /** The mark beside a manager's message, or edna's last status on a phone. */
    mark: z.string().optional(),
    /** 901 to 905, and a part of the reason that stands beside it. */
    code: z.int().optional(),
    reason: z.string().optional(),
    /** Whether the file itself has arrived. */
    file: z.boolean().optional(),
    fileName: z.string().optional(),
    /** Text of the message that is quoted. */
    quotes: z.string().optional(),
  }),
]);

const rows = z.union([row.transform((one) => [one]), z.array(row)]);

/** Exactly this, the messages of each side in this order; among others; not at all. */
const looks = {
  shows: rows.optional(),
  has: rows.optional(),
  lacks: rows.optional(),
};
const LOOKS = Object.keys(looks) as (keyof typeof looks)[];
const isAboutSomething = (one: object): boolean => LOOKS.some((key) => key in one);
const NOTHING_TO_SEE = 'shows, has or lacks is needed';

/** How often: exactly `times`, or `atLeast` so often; once or more where neither is said. */
const often = { times: z.int().optional(), atLeast: z.int().optional() };

const counts = z.partialRecord(z.enum(LEDGER_COUNTS), z.int());

/** Something that must be true. */
const expectation = z.union([
  /** What a manager sees in the chats with this client. */
  z.strictObject({ chat: z.string(), ...looks }).refine(isAboutSomething, NOTHING_TO_SEE),
  /** What the business has sent, as the client's phone shows it. */
  z.strictObject({ phone: z.string(), ...looks }).refine(isAboutSomething, NOTHING_TO_SEE),
  z.strictObject({
    ledger: counts.refine((one) => Object.keys(one).length > 0, 'a count is needed'),
  }),
  /** A fault has struck. */
  z.strictObject({ caught: z.string(), ...often }),
  /** The twins have got requests of an endpoint. */
  z.strictObject({ requests: z.string(), ...often }),
  /** The channel is connected to the account. */
  z.strictObject({ connected: z.boolean() }),
]);

const content = z.union([z.string(), z.looseObject({ type: z.string() })]);
const seconds = z.number().positive();
/** What a later step may call it by. */
const name = { as: z.string().optional() };

const settings = z
  .strictObject({
    edna: z.record(z.string(), z.unknown()).optional(),
    amojo: z.record(z.string(), z.unknown()).optional(),
  })
  .superRefine((change, context) => {
    try {
      settingsChange(change);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: 'custom', message });
    }
  });

const clientWrites = z.strictObject({
  client: z.string(),
  writes: content,
  form: z.enum(['current', 'legacy', 'simple']).optional(),
  channel: z.string().optional(),
  array: z.boolean().optional(),
  quoting: z.string().optional(),
  ...name,
});
const managerWrites = z.strictObject({
  manager: z.string(),
  /** A list is a group of attachments: a hook each. */
  writes: z.union([content, z.array(z.looseObject({ type: z.string() }))]),
  form: z.enum(['v2', 'v1', 'flat']).optional(),
  quoting: z.string().optional(),
  ...name,
});
const managerWritesFirst = z.strictObject({
  manager: z.string(),
  writesFirst: content,
  ...name,
});
const managerActs = z.strictObject({ manager: z.string(), does: z.literal('typing') });
/** The same callback or hook once more, as it was. */
const again = z.strictObject({ again: z.string(), answered: z.int().optional() });
const status = z.strictObject({
  /** edna's status, and the manager's message that comes to it. */
  status: z.string(),
  of: z.string(),
  error: z.string().optional(),
});
/** Any body, well signed unless the headers say otherwise, and what it must be answered. */
const post = z.strictObject({
  post: z.enum(['edna', 'amocrm']),
  body: z.unknown(),
  headers: z.record(z.string(), z.string()).optional(),
  answered: z.int(),
});
const fault = z
  .strictObject({ fault: z.enum(['edna', 'amojo']), rule: faultRule, ...name })
  .superRefine(({ fault: twin, rule }, context) => {
    const message = whyItCannotStrike(twin, rule);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['rule'], message });
  });
const clear = z.strictObject({ clear: z.string() });
const twin = z.strictObject({ twin: z.enum(['edna', 'amojo']), goes: z.enum(['down', 'up']) });
const bridge = z.strictObject({ bridge: z.enum(['restart', 'kill', 'stop', 'start']) });
const wait = z.strictObject({ wait: seconds });
const until = z.strictObject({ until: expectation, within: seconds.optional() });
const change = z.strictObject({ settings });

const act = z.union([
  clientWrites,
  managerWrites,
  managerWritesFirst,
  managerActs,
  again,
  status,
  post,
  fault,
  clear,
  twin,
  bridge,
  wait,
  until,
  change,
]);
export type Act = z.infer<typeof act>;
export type Step =
  | Act
  /** Begun one after the other, without waiting for any. */
  | { readonly together: readonly Step[] }
  /** `{n}` in a text is the number of the round, from 1. */
  | { readonly repeat: number; readonly steps: readonly Step[] };

const step: z.ZodType<Step> = z.lazy(() =>
  z.union([
    act,
    z.strictObject({ together: z.array(step) }),
    z.strictObject({ repeat: z.int().positive(), steps: z.array(step) }),
  ]),
);

const scenario = z.strictObject({
  name: z.string(),
  /** Why it is worth playing. */
  about: z.string().optional(),
  /** Names for addresses; a list of names gets addresses nobody had before. */
  people: z.union([z.array(z.string()), z.record(z.string(), z.string())]),
  /** Settings of the twins from the beginning. */
  sandbox: settings.optional(),
  /** Environment of the bridge, where the scenario starts one. */
  bridge: z.record(z.string(), z.coerce.string()).optional(),
  steps: z.array(step).min(1),
  /** What must be true at the end, beside the zeros of the ledger. */
  end: z.array(expectation).min(1),
});

export type Scenario = z.infer<typeof scenario>;
export type Expectation = z.infer<typeof expectation>;
export type Row = z.infer<typeof row>;

/** Mistakes in a scenario file, each with its line. */
export class ScenarioError extends Error {}

/**
 * Reads a scenario.
 * @param file its name, for the messages
 * @throws {ScenarioError} naming line and place of every mistake
 */
export function readScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    const told = document.errors.map(
      ({ linePos, message }) => `${file}:${linePos?.[0].line ?? 1}: ${message}`,
    );
    throw new ScenarioError(told.join('\n'));
  }
  const read = scenario.safeParse(plain(document, file));
  const mistakes = read.success ? strangersIn(read.data) : read.error.issues.flatMap(deepest);
  if (read.success && mistakes.length === 0) return read.data;
  const told = mistakes.map((mistake) => {
    const { path, message } = mistake;
    // An unknown key has a line of its own.
    const keys = 'keys' in mistake ? mistake.keys : [];
    const line = lineOf(document, lines, [...path, ...keys.slice(0, 1)]);
    return `${file}:${line}: ${path.join('.')}: ${message}`;
  });
  throw new ScenarioError([...new Set(told)].join('\n'));
}

/** @throws {ScenarioError} where aliases lead in a circle, or too far */
function plain(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ScenarioError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Of a step that fits no kind, the mistakes of the kind it fits best. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  // A discriminated union has no branches to tell of: its own message says what is wrong.
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branches = issue.errors
    .map((branch) => branch.flatMap(deepest))
    .toSorted((one, other) => misfit(one) - misfit(other));
  return (branches[0] ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Keys that are missing weigh most: they tell that another kind was meant. */
function misfit(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.path.length > 1 ? 0.1 : 1) + keysOf(issue), 0);
}

function keysOf(issue: z.core.$ZodIssue): number {
  return issue.code === 'unrecognized_keys' ? issue.keys.length : 0;
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const { range } = Object(node) as { range?: readonly number[] };
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return 1;
}
