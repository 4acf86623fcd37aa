import fc from 'fast-check';
import type { DeliveryStatus } from '../../src/domain/delivery-status.js';
import { inbound, outbound, type Draft } from './drafts.ts';
import type { End } from './tries.ts';
import { CHATS, GATES, isSettling, LATER_MS, type World } from './world.ts';

/** What the steps need to know of the world to tell whether they make sense in it. */
export type Model = Pick<World, 'alive' | 'holdings' | 'late' | 'mostProcesses' | 'written'>;

/** One thing that happens to the world, after which it is what it is to be. */
class Step implements fc.AsyncCommand<Model, World> {
  constructor(
    private readonly words: string,
    private readonly take: (world: World) => Promise<void>,
    private readonly fits: (model: Model) => boolean = () => true,
  ) {}

  check(model: Model): boolean {
    return this.fits(model);
  }

  async run(_: Model, world: World): Promise<void> {
    await this.take(world);
    await world.compare();
  }

  toString(): string {
    return this.words;
  }
}

const which = fc.nat(3);
/** Seldom: nobody is told of a commit. */
const isLost = fc.integer({ min: 0, max: 7 }).map((of) => of === 7);
/** Most of it in one chat: what happens in two of them seldom has to do with each other. */
const chat = fc.constantFrom(0, 0, 0, ...Array.from({ length: CHATS }, (_, one) => one));
const id = fc.constantFrom('a', 'b');
const fromManager = fc
  .tuple(chat, id, fc.constantFrom(1 as const, 2 as const))
  .map(([of, name, parts]) => outbound(of, name, parts));
const message: fc.Arbitrary<Draft> = fc.oneof(
  fc.tuple(chat, id).map(([of, name]) => inbound(of, name)),
  fromManager,
);
const gates = fc.constantFrom<keyof typeof GATES>('crm', 'messenger', 'both');
const END = fc.constantFrom<End>('taken', 'taken', 'rejected', 'not-sent', 'unknown');
const STATUS = fc.constantFrom<DeliveryStatus>('sent', 'failed', 'delivered', 'read');
const WAY = fc.constantFrom('drops repeats', 'doubles repeats');

const accept = fc
  .tuple(fc.array(message, { minLength: 1, maxLength: 3 }), isLost, which)
  .map(([drafts, lost, by]) => {
    const keys = drafts.map(({ message: { key } }) => key).join(' ');
    return new Step(`accept ${keys}${lost ? ', lost' : ''}`, (world) =>
      world.accept(drafts, lost, by),
    );
  });

const receive = fc
  .tuple(fc.array(message, { minLength: 1, maxLength: 3 }), isLost, which)
  .map(([drafts, lost, by]) => {
    const keys = drafts.map(({ message: { key } }) => key).join(' ');
    return new Step(`receive ${keys}${lost ? ', lost' : ''}`, (world) =>
      world.receive(drafts, lost, by),
    );
  });

const file = fc
  .tuple(which, isLost)
  .map(
    ([by, lost]) => new Step(`file ${by}${lost ? ', lost' : ''}`, (world) => world.file(by, lost)),
  );

const receipt = fc.tuple(fc.nat(3), which, STATUS).map(
  ([of, by, status]) =>
    new Step(
      `receipt ${of} ${by} ${status}`,
      (world) => world.receipt(of, by, status),
      ({ written }) => written.length > 0,
    ),
);

const goOn = fc
  .tuple(gates, which)
  .map(([gate, by]) => new Step(`go on ${gate} ${by}`, (world) => world.goOn(GATES[gate], by)));

const claim = fc
  .tuple(gates, which, isLost)
  .map(
    ([gate, by, lost]) =>
      new Step(`claim ${gate} ${by}${lost ? ', lost' : ''}`, (world) =>
        world.claim(GATES[gate], by, lost),
      ),
  );

const attempt = fc.tuple(which, END, WAY, fc.boolean()).map(
  ([of, end, way, notice]) =>
    new Step(
      `try ${of} ${end}, ${way}${notice ? ', notice' : ''}`,
      (world) => world.attempt(of, end, way, notice),
      ({ holdings }) => !holdings.every(isSettling),
    ),
);

const settle = fc.tuple(which, isLost).map(
  ([of, lost]) =>
    new Step(
      `settle ${of}${lost ? ', lost' : ''}`,
      (world) => world.settle(of, lost),
      ({ holdings }) => holdings.some(isSettling),
    ),
);

const settleMeanwhile = which.map(
  (of) =>
    new Step(
      `settle ${of}, meanwhile accept`,
      (world) => world.settleMeanwhile(of),
      ({ holdings }) => holdings.some(isSettling),
    ),
);

const claimTogether = gates.map(
  (gate) => new Step(`claim ${gate}, all`, (world) => world.claimTogether(GATES[gate])),
);

const settleLate = which.map(
  (of) =>
    new Step(
      `settle late ${of}`,
      (world) => world.settleLate(of),
      ({ late }) => late.length > 0,
    ),
);

const join = fc.constant(
  new Step(
    'join',
    (world) => world.join(),
    ({ alive, mostProcesses }) => alive.length < mostProcesses,
  ),
);

const die = which.map((of) => new Step(`die ${of}`, (world) => world.die(of)));
const expire = which.map((by) => new Step(`expire ${by}`, (world) => world.expire(by)));
const pass = fc
  .constantFrom(10_000, LATER_MS)
  .map((ms) => new Step(`pass ${ms}`, (world) => world.pass(ms)));

/** Anything, in any order; what makes little happen comes less often. */
export const STEPS = fc.commands(
  [
    accept,
    receive,
    file,
    receipt,
    receipt,
    goOn,
    goOn,
    claim,
    claim,
    claimTogether,
    attempt,
    attempt,
    settle,
    settle,
    settleMeanwhile,
    settleLate,
    join,
    die,
    expire,
    pass,
  ],
  { maxCommands: 50, size: 'max' },
);
