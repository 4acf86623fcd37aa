import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';

const SLOW = { delayMs: 50 };

/** With another side that takes its time, the relay's senders wait for it, and the bridge's do not. */
export const slow: Group = {
  name: 'slow',
  async measure(stage) {
    const environment = { CONCURRENCY: '256' };
    const bridge = await stage.start({ environment });
    const relay = await stage.start({ variant: 'relay', environment });
    const full = { connections: 256, count: 3_000 };
    const rounds = await inTurn(
      {
        relay: () => stage.route([relay], full, SLOW),
        bridge: () => stage.route([bridge], full, SLOW),
      },
      stage.rounds,
    );
    // The same traffic for both: at full load the one that takes more at once would be the slower to answer.
    const even = { connections: 256, count: 1_000, perSecond: 500 };
    const answers = await inTurn(
      {
        relay: () => stage.route([relay], even, SLOW),
        bridge: () => stage.route([bridge], even, SLOW),
      },
      { ...stage.rounds, warmUps: 0 },
    );
    return [
      figure(
        {
          name: 'slow-route',
          title: 'messages/s end to end ÷ relay, upstream 50 ms, 256 connections',
          must: { atLeast: 0.9 },
        },
        rounds,
        (round) => round.bridge.perSecond / round.relay.perSecond,
      ),
      figure(
        {
          name: 'slow-answer',
          title: 'answer p99 ÷ relay, upstream 50 ms, both at 500/s',
          must: { atMost: 0.25 },
        },
        answers,
        (round) => round.bridge.p99Ms / round.relay.p99Ms,
      ),
      figure(
        {
          name: 'slow-answer-full',
          title: 'answer p99 ÷ relay, upstream 50 ms, both at full load',
          must: { atMost: 0.25 },
        },
        rounds,
        (round) => round.bridge.p99Ms / round.relay.p99Ms,
      ),
    ];
  },
};
