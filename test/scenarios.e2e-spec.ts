import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../sandbox/clock.ts';
import { play, type BridgeControl } from '../sandbox/scenario/player.ts';
import { readScenario } from '../sandbox/scenario/scenario.ts';
import { settingsChange } from '../sandbox/settings.ts';
import { Bridge, SPEED } from './bridge.js';

/*
 * Every scenario of the sandbox on the real app, with time running fast. The same files are played on a process of
 * its own by `npm run scenario`, where "kill" is a SIGKILL; here it can only be a restart.
 */

const FOLDER = join(import.meta.dirname, '..', 'sandbox', 'scenarios');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

function controlOf(bridge: Bridge): BridgeControl {
  return {
    restart: () => bridge.restart(),
    kill: () => bridge.restart(),
    stop: () => bridge.pause(),
    start: () => bridge.begin(),
  };
}

describe('the scenario', () => {
  it.each(files)('%s', async (file) => {
    const scenario = readScenario(readFileSync(join(FOLDER, file), 'utf8'), file);
    const clock = realClock({ speed: SPEED });
    const bridge = await Bridge.start({
      environment: scenario.bridge,
      sandbox: { clock, ...settingsChange(scenario.sandbox ?? {}) },
    });
    try {
      const stage = { sandbox: bridge.sandbox, bridge: controlOf(bridge), clock, speed: SPEED };
      expect(await play(scenario, stage)).toEqual([]);
    } finally {
      await bridge.stop();
    }
  });
});
