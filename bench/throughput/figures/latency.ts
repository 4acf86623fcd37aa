import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn, type Run } from '../rounds.ts';

/** From the webhook's leaving the generator until the request to the other side begins: more than from its answer. */
export const latency: Group = {
  name: 'latency',
  async measure(stage) {
    const bridge = await stage.start();
    const one = async (): Promise<Run<'p50' | 'p99' | 'p50SinceAnswer' | 'p99SinceAnswer'>> => {
      const count = stage.some(600);
      await stage.behave({ reads: true });
      const order = { side: 'manager', count } as const;
      const posted = await stage.post(order, { connections: 64, perSecond: 200 }, bridge);
      const { beganAt } = await stage.arrived(count);
      const since = (end: 0 | 1) =>
        posted.times
          .map((times, i) => (beganAt[posted.first + i] ?? NaN) - times[end])
          .sort((a, b) => a - b);
      const at = (sorted: readonly number[], share: number) =>
        sorted[Math.floor(sorted.length * share)] ?? NaN;
      const [whole, rest] = [since(0), since(1)];
      return {
        measured: {
          p50: at(whole, 0.5),
          p99: at(whole, 0.99),
          p50SinceAnswer: at(rest, 0.5),
          p99SinceAnswer: at(rest, 0.99),
        },
        busiest: posted.cpuMs / posted.wallMs,
      };
    };
    const rounds = await inTurn({ bridge: one }, stage.rounds);
    return [
      figure(
        {
          name: 'latency-p50',
          title: 'webhook posted → upstream request begins, 200/s, p50',
          unit: 'ms',
          must: { atMost: 2 },
        },
        rounds,
        ({ bridge: { p50 } }) => p50,
      ),
      figure(
        {
          name: 'latency-p99',
          title: 'webhook posted → upstream request begins, 200/s, p99',
          unit: 'ms',
          must: { atMost: 15 },
        },
        rounds,
        ({ bridge: { p99 } }) => p99,
      ),
    ];
  },
};
