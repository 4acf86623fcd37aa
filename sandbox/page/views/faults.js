import { html, nothing } from '/lit-html/lit-html.js';
import { addFault, removeAllFaults, removeFault, setFates } from '../api.js';
import {
  CALLBACK_FAULTS,
  chosenFate,
  FATES,
  faultName,
  fatesSetting,
  isSwitchOf,
  REQUEST_FAULTS,
  ruleFor,
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
      <button type="button" class="plain" ?disabled=${!isAnyOn} @click=${removeAllFaults}>
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
  const active = page.state.faults.find((one) => isSwitchOf(one, twin, fault));
  const turn = () =>
    active === undefined
      ? addFault({ ...ruleFor(twin, fault), ...(page.strikesOnce ? { times: 1 } : {}) })
      : removeFault(active);
  return html`<button
      type="button"
      class="switch"
      role="switch"
      aria-checked=${active !== undefined}
      aria-label="${t(fault.name)}: ${TWIN_NAMES[twin]}"
      @click=${turn}
    >
      <span></span></button
    >${active === undefined ? nothing : hitsView(active)}`;
}

function hitsView({ hits }) {
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
            @change=${() => setFates(fatesSetting(fate))}
          />${t(name)}
        </label>`,
    )}
    ${chosen === -1 ? html`<p class="hint">${t('fateOther')}</p>` : nothing}
  </fieldset>`;
}

/** Faults of scenarios and of the API have no switch here, and can be switched off all the same. */
function othersView() {
  const others = page.state.faults.filter((fault) => !hasSwitch(fault));
  if (others.length === 0) return nothing;
  return html`<h3>${t('otherFaults')}</h3>
    ${activeFaultsView(others)}`;
}

function hasSwitch(active) {
  return TWINS.some((twin) =>
    [...REQUEST_FAULTS, ...CALLBACK_FAULTS].some((fault) => isSwitchOf(active, twin, fault)),
  );
}

/** Faults that are on, each with a way to switch it off. */
export function activeFaultsView(faults = page.state.faults) {
  if (faults.length === 0) return nothing;
  return html`<ul class="active-faults" aria-label=${t('active')}>
    ${faults.map(
      (fault) =>
        html`<li>
          ${TWIN_NAMES[fault.twin]}: ${faultName(fault.kind, fault.status) ?? fault.kind}
          ${hitsView(fault)}
          <button
            type="button"
            aria-label=${t('switchOff')}
            title=${t('switchOff')}
            @click=${() => removeFault(fault)}
          >
            ${icon('close')}
          </button>
        </li>`,
    )}
  </ul>`;
}
