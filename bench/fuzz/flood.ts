import { Agent, request } from 'node:http';
import type { Post } from './bodies.ts';

/** More than the bridge has work for, and fewer than its listener holds back. */
const CONNECTIONS = 48;

/** What the answers to all posts were. */
export interface Answers {
  /** By status; 0 where there was none. */
  readonly counts: Map<number, number>;
  /** Answers other than those that were to come, the first few in words. */
  readonly wrong: string[];
  wrongs: number;
  /** Of bodies that were answered 200. */
  elements: number;
  /** Of messages that were as they should be, and were answered 200. */
  readonly honest: Set<string>;
}

/**
 * Posts one body after another over some connections, as fast as they are answered.
 * @param goesOn asked once before each
 */
export async function flood(
  url: string,
  bodies: Iterator<Post>,
  answers: Answers,
  goesOn: () => boolean,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const connection = async () => {
    while (goesOn()) {
      const { value: one } = bodies.next() as IteratorYieldResult<Post>;
      note(answers, one, await send(agent, url, one));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
}

export function noAnswers(): Answers {
  return {
    counts: new Map(),
    wrong: [],
    wrongs: 0,
    elements: 0,
    honest: new Set(),
  };
}

const MOST_WORDS = 5;

function note(answers: Answers, one: Post, status: number): void {
  answers.counts.set(status, (answers.counts.get(status) ?? 0) + 1);
  if (status === 200) answers.elements += one.elements;
  if (status === 200 && one.honest !== undefined) answers.honest.add(one.honest);
  if (status === one.expected) return;
  answers.wrongs += 1;
  if (answers.wrong.length >= MOST_WORDS) return;
  const body = one.body.toString('latin1').slice(0, 2_000);
  answers.wrong.push(`${one.path} answered ${status}, not ${one.expected}: ${body}`);
}

/** @returns the status; 0 where the connection broke before there was one */
function send(agent: Agent, url: string, { path, headers, body }: Post): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(url + path, { agent, method: 'POST', headers }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode ?? 0));
    });
    outgoing.once('error', () => resolve(0));
    outgoing.end(body);
  });
}
