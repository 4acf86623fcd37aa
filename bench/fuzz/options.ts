import { parseArgs } from 'node:util';

export const STORES = ['sqlite', 'postgres'] as const;
export type Store = (typeof STORES)[number];

export const USAGE = `npm run fuzz -- [--count n] [--seed n] [--seconds n] [--store sqlite|postgres] [--runs n]

  --count    сколько испорченных тел отправить мосту (100000)
  --seed     из него следуют все тела, по порядку (по умолчанию случайный, печатается)
  --seconds  остановиться раньше, если время вышло (600)
  --store    хранилище моста (sqlite)
  --runs     во сколько раз чаще обычного проверить свойства до этого (20; 0 — не проверять)

Код выхода: 0 всё в порядке; 1 что-то из обещанного не так; 2 параметры с ошибкой.`;

export interface Options {
  readonly count: number;
  readonly seed: number;
  readonly seconds: number;
  readonly store: Store;
  /** So many times as often as `npm test` tries the properties; 0: not at all. */
  readonly runs: number;
}

/** What is wrong with the command line. */
export class OptionsError extends Error {}

/** @throws {OptionsError} */
export function readOptions(words: readonly string[]): Options | 'help' {
  const { values } = parsed(words);
  if (values.help) return 'help';
  const store = STORES.find((one) => one === values.store);
  if (!store) throw new OptionsError(`--store: ${STORES.join(' или ')}`);
  const seed = values.seed ?? String(Math.floor(Math.random() * 1e9));
  return {
    count: whole('--count', values.count),
    seed: whole('--seed', seed),
    seconds: whole('--seconds', values.seconds),
    store,
    runs: whole('--runs', values.runs),
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        count: { type: 'string', default: '100000' },
        seed: { type: 'string' },
        seconds: { type: 'string', default: '600' },
        store: { type: 'string', default: 'sqlite' },
        runs: { type: 'string', default: '20' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new OptionsError(`${name}: нужно целое число`);
  return Number(value);
}
