import type { lookup as systemLookup } from 'node:dns';

/**
 * Names that are looked up at once. The system looks up two at a time and cannot be told to stop, so what is asked while
 * no name server answers stands in line with all that it is for, whether or not anybody still waits for it.
 */
export const MOST_NAMES = 64;

type Tell = (...told: readonly unknown[]) => void;
type Lookup = (name: string, options: object, tell: Tell) => void;

/**
 * The same for fewer questions: who asks for a name that is being looked up has its answer, and beyond `MOST_NAMES` the
 * answer is EAI_AGAIN at once, as from a system that knows it cannot tell for now.
 */
export function boundedLookup(lookup: typeof systemLookup): typeof systemLookup {
  const underWay = new Map<string, Tell[]>();
  const bounded: Lookup = (name, options, tell) => {
    const question = `${name} ${JSON.stringify(options)}`;
    const others = underWay.get(question);
    if (others) {
      others.push(tell);
      return;
    }
    if (underWay.size >= MOST_NAMES) {
      // Never before the question has been put, as the system does it.
      queueMicrotask(() => tell(tooMany(name)));
      return;
    }
    const waiting = [tell];
    underWay.set(question, waiting);
    (lookup as unknown as Lookup)(name, options, (...told) => {
      underWay.delete(question);
      for (const one of waiting) one(...told);
    });
  };
  return bounded as unknown as typeof systemLookup;
}

function tooMany(name: string): Error {
  return Object.assign(new Error(`${name}: too many names are being looked up`), {
    code: 'EAI_AGAIN',
  });
}
