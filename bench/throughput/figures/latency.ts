import { figure, type FigureName } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn, type Run } from '../rounds.ts';

/**
 * Until the request to the other side begins: from the answer as the generator saw it, by which the webhook is accepted, and
 * from the moment it left the generator.
 */
export const latency: Group = {
  name: 'latency',
  async measure(stage) {
    const bridge = await stage.start();
    const run = async (): Promise<Run<'p50' | 'p99' | 'p50SinceAnswer' | 'p99SinceAnswer'>> => {
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
    const rounds = await inTurn({ bridge: run }, stage.rounds);
    const one = (
      name: Extract<FigureName, `latency-${string}`>,
      title: string,
      atMost: number,
      what: 'p50' | 'p99' | 'p50SinceAnswer' | 'p99SinceAnswer',
    ) =>
      figure(
        { name, title: `${title} → upstream request begins, 200/s`, unit: 'ms', must: { atMost } },
        rounds,
        ({ bridge }) => bridge[what],
      );
    return [
      one('latency-answer-p50', 'p50: webhook answered', 2, 'p50SinceAnswer'),
      one('latency-answer-p99', 'p99: webhook answered', 15, 'p99SinceAnswer'),
      one('latency-p50', 'p50: webhook posted', 2, 'p50'),
      one('latency-p99', 'p99: webhook posted', 15, 'p99'),
    ];
  },
};
