import { COMPANY } from './company.ts';
import { Connection } from './connection.ts';
import { serveErrands } from './errand.ts';
import { POISON, toRequest, type Side } from './hooks.ts';
import { nowMs } from './one-clock.ts';

/* Posts webhooks, as a process of its own. Requests are made and signed before anything is timed. */

/** Requests to be made. */
export interface Order {
  readonly side: Side;
  /** Number of the first message. */
  readonly first: number;
  readonly count: number;
  /** How many write in turn; absent: all the company has. */
  readonly clients?: number;
  /** It is never taken, and its client is none of those. */
  readonly isPoison?: boolean;
}

/** How they are posted. */
export interface Load {
  /** Where to: in turn. */
  readonly ports: readonly number[];
  readonly connections: number;
  /** Ends after this, or with the last request. */
  readonly forMs?: number;
  /** So many are begun each second, however long the answers take; absent: each connection goes on at once. */
  readonly perSecond?: number;
}

/** What came of it. */
export interface Posted {
  readonly first: number;
  readonly answered: number;
  /** Other answers than 200. */
  readonly refused: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Both on the clock of all. */
  readonly beganAt: number;
  readonly endedAt: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** When each was posted and answered, in the order of their numbers; only at a given rate. */
  readonly times: readonly (readonly [number, number])[];
}

let requests: Buffer[] = [];
let first = 0;

function prepare({ side, first: from, count, clients = COMPANY.clients, isPoison }: Order): void {
  first = from;
  requests = Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const client = isPoison ? COMPANY.clients : n % clients;
    return toRequest({ side, n, client, text: isPoison ? POISON : `bench-${n}` });
  });
}

async function post({ ports, connections, forMs = Infinity, perSecond }: Load): Promise<Posted> {
  const open = await Promise.all(
    Array.from({ length: connections }, (_, i) =>
      Connection.open(ports[i % ports.length] as number),
    ),
  );
  const times: [number, number][] = [];
  let [next, refused] = [0, 0];
  const before = process.cpuUsage();
  const beganAt = nowMs();
  const endAt = beganAt + forMs;
  const one = (connection: Connection, since: number, then: () => void): void => {
    const n = next++;
    connection.send(requests[n] as Buffer, (status) => {
      if (status !== 200) refused += 1;
      times[n] = [since, nowMs()];
      then();
    });
  };
  await (perSecond === undefined
    ? Promise.all(open.map((connection) => inARow(connection)))
    : atRate(perSecond));

  function inARow(connection: Connection): Promise<void> {
    return new Promise((resolve) => {
      const again = (): void => {
        const at = nowMs();
        if (next >= requests.length || at >= endAt) resolve();
        else one(connection, at, again);
      };
      again();
    });
  }

  /** One that finds no connection free has been waiting since its turn came. */
  function atRate(rate: number): Promise<void> {
    return new Promise((resolve) => {
      const free = [...open];
      const due: number[] = [];
      let begun = 0;
      const serve = (): void => {
        while (due.length > 0 && free.length > 0) {
          const connection = free.shift() as Connection;
          one(connection, due.shift() as number, () => {
            free.push(connection);
            serve();
            if (begun >= requests.length && free.length === open.length) resolve();
          });
        }
      };
      const tick = setInterval(() => {
        const at = nowMs();
        const turn = Math.min(requests.length, Math.floor(((at - beganAt) / 1e3) * rate));
        for (; begun < turn; begun += 1) due.push(at);
        serve();
        if (begun >= requests.length) clearInterval(tick);
      }, 1);
    });
  }

  const endedAt = nowMs();
  const { user, system } = process.cpuUsage(before);
  for (const connection of open) connection.close();
  const took = times.map(([from, to]) => to - from).sort((a, b) => a - b);
  const at = (share: number) =>
    took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  return {
    first,
    answered: times.length - refused,
    refused,
    wallMs: endedAt - beganAt,
    cpuMs: (user + system) / 1e3,
    beganAt,
    endedAt,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    times: perSecond === undefined ? [] : times,
  };
}

serveErrands({ prepare, post });
process.once('disconnect', () => process.exit());
