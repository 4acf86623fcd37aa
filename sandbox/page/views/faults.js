import { html, nothing } from '/lit-html/lit-html.js';
import { chosenFate, FATES } from '../fates.js';
import { chooseFate, turn, turnAllOff, turnOff } from '../fault-board.js';
import {
  CALLBACK_FAULTS,
  groupsOf,
  hitsOf,
  isSwitchOf,
  REQUEST_FAULTS,
} from '../fault-switches.js';
import { t } from '../i18n.js';
import { change, page } from '../store.js';
import { icon } from './icons.js';

const TWINS = /** @type {const} */ (['edna', 'amojo']);
const TWIN_NAMES = { edna: 'edna', amojo: 'amoCRM' };

/** The switches of both twins, side by side. */
export function faultsView() {
  const isAnyOn = page.state.faults.length > 0 || chosenFate(page.state.fates) !== 0;
  return html`<div class="faults" data-test="faults">
    <p class="hint">${t('faultsHint')}</p>
    <div class="faults-bar">
      <label class="check">
        <input
          type="checkbox"
          .checked=${page.strikesOnce}
          @change=${({ target }) => change({ strikesOnce: target.checked })}
        />${t('once')}
      </label>
      <button type="button" class="plain" ?disabled=${!isAnyOn} @click=${turnAllOff}>
        ${t('allOff')}
      </button>
    </div>
    ${switchesView('requests', REQUEST_FAULTS)} ${fatesView()}
    ${switchesView('callbacks', CALLBACK_FAULTS)} ${othersView()}
  </div>`;
}

function switchesView(title, faults) {
  return html`<table class="switches">
    <thead>
      <tr>
        <th scope="col">${t(title)}</th>
        ${TWINS.map((twin) => html`<th scope="col">${TWIN_NAMES[twin]}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${faults.map(
        (fault) =>
          html`<tr>
            <th scope="row">${t(fault.name)}</th>
            ${TWINS.map((twin) => html`<td>${switchView(twin, fault)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function switchView(twin, fault) {
  const active = page.state.faults.filter((one) => isSwitchOf(one, twin, fault));
  const isOn = active.length > 0;
  return html`<button
      type="button"
      class="switch"
      role="switch"
      aria-checked=${isOn}
      aria-label="${t(fault.name)}: ${TWIN_NAMES[twin]}"
      @click=${() => turn(twin, fault)}
    >
      <span></span></button
    >${isOn ? hitsView(hitsOf(active)) : nothing}`;
}

function hitsView(hits) {
  return html`<span class="hits" title="${t('hits')}: ${hits}">×${hits}</span>`;
}

function fatesView() {
  const chosen = chosenFate(page.state.fates);
  return html`<fieldset class="fates">
    <legend>${t('fates')}</legend>
    ${FATES.map(
      ({ name, fate }, index) =>
        html`<label class="check">
          <input
            type="radio"
            name="fate"
            .checked=${index === chosen}
            @change=${() => chooseFate(fate)}
          />${t(name)}
        </label>`,
    )}
    ${chosen === -1 ? html`<p class="hint">${t('fateOther')}</p>` : nothing}
  </fieldset>`;
}

/** Faults of scenarios and of the API have no switch here, and can be switched off all the same. */
function othersView() {
  const others = groupsOf(page.state.faults).filter(({ hasSwitch }) => !hasSwitch);
  if (others.length === 0) return nothing;
  return html`<h3>${t('otherFaults')}</h3>
    ${activeFaultsView(others)}`;
}

/** Faults that are on, each with a way to switch it off. */
export function activeFaultsView(groups = groupsOf(page.state.faults)) {
  if (groups.length === 0) return nothing;
  return html`<ul class="active-faults" aria-label=${t('active')}>
    ${groups.map(
      ({ twin, name, hits, faults }) =>
        html`<li>
          ${TWIN_NAMES[twin]}: ${name} ${hitsView(hits)}
          <button
            type="button"
            aria-label=${t('switchOff')}
            title=${t('switchOff')}
            @click=${() => turnOff(faults)}
          >
            ${icon('close')}
          </button>
        </li>`,
    )}
  </ul>`;
}
