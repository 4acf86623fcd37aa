import type { Sandbox } from '../sandbox.ts';
import type { Clock } from '../clock.ts';
import { Cast } from './cast.ts';
import { differences, type Scene } from './looks.ts';
import { perform } from './perform.ts';
import type { Expectation, Scenario, Step } from './scenario.ts';

/** What a scenario may do to the bridge itself. */
export interface BridgeControl {
  /** Ends in good order and starts again. */
  restart(): Promise<void>;
  /** Ends without a chance to tidy up, and starts again. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface Stage {
  readonly sandbox: Sandbox;
  /** Absent where the bridge is not ours to stop. */
  readonly bridge?: BridgeControl;
  /** Seconds of a scenario pass by it. */
  readonly clock: Clock;
  /** How many seconds of a scenario pass in one of real time. */
  readonly speed?: number;
  /** Seconds of the scenario to wait for what must come about, where it says nothing else. */
  readonly patienceSeconds?: number;
}

const PATIENCE_SECONDS = 20;
/** However fast the clock runs, a request takes real time. At twenty times, edna's second resend comes after it. */
const LEAST_PATIENCE_MS = 6_000;
/** The end must hold for so long, or a second copy that comes late would go unseen. */
const SETTLING_SECONDS = 1;

/** A bridge that keeps its promises has these at the end of every scenario. */
const PROMISES = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  cancelled: 0,
  ignoredTexts: 0,
  missing: 0,
};

/**
 * Plays a scenario on a bridge that is running.
 * @returns what differs from it, in words; empty where all went well
 */
export async function play(scenario: Scenario, stage: Stage): Promise<string[]> {
  const cast = new Cast(scenario.people);
  const scene: Scene = {
    sandbox: stage.sandbox,
    addressOf: (name) => cast.addressOf(name),
    fault: (name) => cast.fault(name),
  };
  const performance = { ...stage, cast, waitFor };
  try {
    await playAll(scenario.steps);
    await waitForEnd();
    return [];
  } catch (error) {
    return error instanceof Unmet ? [...error.differences] : [messageOf(error)];
  } finally {
    stage.sandbox.edna.faults.clear();
    stage.sandbox.amojo.faults.clear();
  }

  async function playAll(steps: readonly Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      await playOne(step).catch((error: unknown) => {
        throw error instanceof Unmet ? error.at(`шаг ${index + 1}`) : namedError(error, index);
      });
    }
  }

  async function playOne(step: Step): Promise<void> {
    if ('together' in step) await Promise.all(step.together.map(playOne));
    else if ('repeat' in step) {
      for (let round = 1; round <= step.repeat; round += 1) {
        await playAll(step.steps.map((one) => numbered(one, round)));
      }
    } else await perform(step, performance);
  }

  async function waitFor(expected: readonly Expectation[], seconds?: number): Promise<void> {
    const { speed = 1, patienceSeconds = PATIENCE_SECONDS } = stage;
    const patienceMs = ((seconds ?? patienceSeconds) * 1000) / speed;
    const wrong = (): string[] => expected.flatMap((one) => differences(one, scene));
    try {
      await stage.sandbox.until(
        () => wrong().length === 0,
        speed > 1 ? Math.max(patienceMs, LEAST_PATIENCE_MS) : patienceMs,
      );
    } catch {
      throw new Unmet(wrong());
    }
  }

  async function waitForEnd(): Promise<void> {
    const overruled = scenario.end.flatMap((one) =>
      'ledger' in one ? Object.keys(one.ledger) : [],
    );
    const promises = Object.fromEntries(
      Object.entries(PROMISES).filter(([name]) => !overruled.includes(name)),
    );
    const all = [...scenario.end, { ledger: promises }];
    await waitFor(all);
    await new Promise<void>((resolve) => {
      stage.clock.after(SETTLING_SECONDS * 1000, resolve);
    });
    const wrong = all.flatMap((one) => differences(one, scene));
    if (wrong.length > 0) throw new Unmet(wrong);
    const idle = cast.faults.filter(({ hits }) => hits === 0);
    if (idle.length > 0)
      throw new Unmet(idle.map(({ rule }) => `сбой ни разу не сработал: ${JSON.stringify(rule)}`));
  }
}

/** What was expected and did not come about. */
class Unmet extends Error {
  readonly differences: readonly string[];

  constructor(wrong: readonly string[]) {
    super(wrong.join('; '));
    this.differences = wrong;
  }

  at(place: string): Unmet {
    return new Unmet(this.differences.map((one) => `${place}: ${one}`));
  }
}

function namedError(error: unknown, index: number): Error {
  return new Error(`шаг ${index + 1}: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function numbered(step: Step, round: number): Step {
  const text = JSON.stringify(step).replaceAll('{n}', String(round));
  return JSON.parse(text) as Step;
}
