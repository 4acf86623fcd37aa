import { parseArgs } from 'node:util';

export const KINDS = ['kill', 'database', 'upstream', 'disk', 'clock', 'crowd'] as const;
export type Kind = (typeof KINDS)[number];
export const STORES = ['sqlite', 'postgres'] as const;
export type Store = (typeof STORES)[number];

export const USAGE = `npm run torture -- [--seconds n] [--seed n] [--store sqlite|postgres] [--replicas n] [--only вид,…]

  --seconds   сколько секунд ломать (60); потом всё чинится и досылается
  --seed      из него следует весь план: что ломается, когда и чем (по умолчанию случайный, печатается)
  --store     хранилище моста (sqlite)
  --replicas  сколько экземпляров моста на одной базе (1; больше — только postgres)
  --only      виды поломок через запятую: ${KINDS.join(', ')} (по умолчанию все)
  --rate      сообщений в секунду (12)
  --settle    сколько секунд ждать, пока всё дойдёт (120)
  --keep      оставить хранилище и журналы работы, даже если всё хорошо
  --script    собранный main.js моста

Код выхода: 0 ничего не потеряно, не удвоено, не перепутано; 1 что-то из этого; 2 параметры с ошибкой.`;

export interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly store: Store;
  readonly replicas: number;
  readonly kinds: readonly Kind[];
  readonly perSecond: number;
  readonly settleSeconds: number;
  /** The store and the logs stay, whatever came out. */
  readonly isKept: boolean;
  /** The built `main.js`. */
  readonly script: string;
}

/** What is wrong with the command line. */
export class OptionsError extends Error {}

/** @throws {OptionsError} */
export function readOptions(words: readonly string[], script: string): Options | 'help' {
  const { values } = parsed(words);
  if (values.help) return 'help';
  const store = oneOf(STORES, '--store', values.store);
  const replicas = whole('--replicas', values.replicas);
  if (replicas > 1 && store === 'sqlite') {
    throw new OptionsError('--replicas: несколько экземпляров бывает только на postgres');
  }
  const only = values.only?.split(',').map((word) => oneOf(KINDS, '--only', word.trim()));
  if (only?.includes('database') && store === 'sqlite') {
    throw new OptionsError('--only database: сервер базы есть только у postgres');
  }
  const possible = KINDS.filter((kind) => kind !== 'database' || store === 'postgres');
  return {
    seconds: whole('--seconds', values.seconds),
    seed:
      values.seed === undefined ? Math.floor(Math.random() * 1e9) : whole('--seed', values.seed),
    store,
    replicas,
    kinds: only ?? possible,
    perSecond: whole('--rate', values.rate),
    settleSeconds: whole('--settle', values.settle),
    isKept: values.keep,
    script: values.script ?? script,
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        seconds: { type: 'string', default: '60' },
        seed: { type: 'string' },
        store: { type: 'string', default: 'sqlite' },
        replicas: { type: 'string', default: '1' },
        only: { type: 'string' },
        rate: { type: 'string', default: '12' },
        settle: { type: 'string', default: '120' },
        keep: { type: 'boolean', default: false },
        script: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<T extends string>(known: readonly T[], name: string, word: string): T {
  const found = known.find((one) => one === word);
  if (found === undefined) throw new OptionsError(`${name}: ${known.join(', ')}, а не ${word}`);
  return found;
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new OptionsError(`${name}: целое число больше нуля`);
}
