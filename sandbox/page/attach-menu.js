import { change, page } from './store.js';

/** @typedef {'client' | 'manager'} Side */

/** @param {Side} who */
export function switchMenu(who) {
  change({ menu: page.menu === who ? undefined : who });
}

/** Something was chosen in it: the field is where the reader goes on. @param {Side} who */
export function leaveMenu(who) {
  change({ menu: undefined });
  document.querySelector(`#text-${who}`)?.focus();
}

/** From now on an open menu closes at a press elsewhere, and at Escape. */
export function closeMenuFromOutside() {
  addEventListener('pointerdown', ({ target }) => {
    if (page.menu === undefined || target.closest('.composer') !== null) return;
    change({ menu: undefined });
  });
  addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || page.menu === undefined) return;
    document.querySelector(`#attach-${page.menu}`)?.focus();
    change({ menu: undefined });
  });
}
