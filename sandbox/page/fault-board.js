import { addFault, changeSettings, readSettings, removeAllFaults, removeFault } from './api.js';
import { settingsOf } from './fates.js';
import { isSwitchOf, rulesFor } from './fault-switches.js';
import { change, page } from './store.js';

/** @typedef {import('./types.js').ActiveFault} ActiveFault */

/** What is being turned just now: a second press meanwhile would do the same again. */
const underWay = new Set();

/**
 * Rules of one switch that are to strike once between them.
 * @type {Set<{ faults: ActiveFault[], isSeen: boolean }>}
 */
const strikingOnce = new Set();

/** Turns a switch on or off. @param {'edna' | 'amojo'} twin @param {import('./fault-switches.js').FaultSwitch} fault */
export function turn(twin, fault) {
  return alone(`${twin} ${fault.name}`, async () => {
    const active = page.state.faults.filter((one) => isSwitchOf(one, twin, fault));
    if (active.length > 0) return remove(active);
    const times = page.strikesOnce ? { times: 1 } : {};
    const added = [];
    for (const rule of rulesFor(twin, fault)) {
      // One after the other: whether the last is there tells that all are.
      const one = await addFault({ ...rule, ...times });
      if (one === undefined) break;
      added.push(one);
    }
    if (page.strikesOnce && added.length > 1) strikingOnce.add({ faults: added, isSeen: false });
    show([...without(page.state.faults, added), ...added]);
  });
}

/** @param {ActiveFault[]} faults */
export function turnOff(faults) {
  const names = faults.map(({ twin, id }) => `${twin} ${id}`);
  return alone(names.join(), () => remove(faults));
}

export async function turnAllOff() {
  const [answer] = await Promise.all([removeAllFaults(), chooseFate(undefined)]);
  if (answer !== undefined) show([]);
}

/** Where one of the rules that strike once has struck, the others go too. @param {ActiveFault[]} faults those that are on */
export function dropSpent(faults) {
  for (const group of strikingOnce) {
    const left = faults.filter((fault) => group.faults.some((one) => isSame(one, fault)));
    group.isSeen ||= left.some((fault) => isSame(fault, group.faults.at(-1)));
    if (!group.isSeen || left.length === group.faults.length) continue;
    strikingOnce.delete(group);
    void turnOff(left);
  }
}

/** @param {(typeof import('./fates.js').FATES)[number]['fate']} fate */
export async function chooseFate(fate) {
  const { fates, validityHours } = settingsOf(fate);
  const settings = await readSettings();
  if (settings === undefined) return;
  const knowsValidity = 'validityHours' in settings.edna;
  const edna = { fates, ...(knowsValidity ? { validityHours } : {}) };
  const answer = await changeSettings({ edna });
  if (answer !== undefined) change({ state: { ...page.state, fates } });
}

async function remove(faults) {
  const answers = await Promise.all(faults.map(removeFault));
  show(
    without(
      page.state.faults,
      faults.filter((_, index) => answers[index] !== undefined),
    ),
  );
}

/** The sandbox will tell the same; until then a press must not find the old switch. */
function show(faults) {
  change({ state: { ...page.state, faults } });
}

function without(faults, some) {
  return faults.filter((fault) => !some.some((one) => isSame(one, fault)));
}

function isSame(one, other) {
  return one.twin === other.twin && one.id === other.id;
}

async function alone(name, act) {
  if (underWay.has(name)) return;
  underWay.add(name);
  try {
    await act();
  } finally {
    underWay.delete(name);
  }
}
