import { figure, type Figure } from '../figure.ts';
import type { Group } from '../group.ts';
import type { Side } from '../hooks.ts';
import { inTurn } from '../rounds.ts';

const WORDS = { manager: 'manager → client', client: 'client → manager' } as const;

/** What keeping its promises costs the bridge, beside a relay that makes none. */
export const route: Group = {
  name: 'route',
  async measure(stage) {
    const bridge = await stage.start();
    const relay = await stage.start({ variant: 'relay' });
    const figures: Figure[] = [];
    for (const side of Object.keys(WORDS) as Side[]) {
      const load = { count: 2_500, side };
      const rounds = await inTurn(
        {
          relay: () => stage.route([relay], load),
          bridge: () => stage.route([bridge], load),
        },
        stage.rounds,
      );
      figures.push(
        figure(
          {
            name: `route-${side}`,
            title: `messages/s end to end ÷ relay, ${WORDS[side]}`,
            must: { atLeast: 0.8 },
          },
          rounds,
          (round) => round.bridge.perSecond / round.relay.perSecond,
        ),
        figure(
          {
            name: `cpu-${side}`,
            title: `CPU of one message ÷ relay, ${WORDS[side]}`,
            must: { atMost: 1.25 },
          },
          rounds,
          (round) => round.bridge.cpuMs / round.relay.cpuMs,
        ),
      );
    }
    return figures;
  },
};
