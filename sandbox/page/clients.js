import { t } from './i18n.js';
import { page } from './store.js';

const ANNA = '79995550142';

/** Anna first, then those who wrote, then those made here; each once. */
export function clients() {
  const known = page.state?.clients ?? [];
  const own = page.ownClients.map(({ address }) => address);
  const addresses = new Set([ANNA, ...known.map(({ address }) => address), ...own]);
  return [...addresses].map((address) => {
    const messages = known.find((one) => one.address === address)?.messages ?? [];
    return {
      address,
      name: nameOf(address),
      messages: messages.filter(isPosted),
      told: messages.length,
    };
  });
}

export function chosenClient() {
  const all = clients();
  return all.find(({ address }) => address === page.client) ?? all[0];
}

/** @param {string} address */
function nameOf(address) {
  const phone = page.state?.clients.find((one) => one.address === address);
  const own = page.ownClients.find((one) => one.address === address);
  const chat = page.state?.chats.find((one) => one.address === address);
  return phone?.name || own?.name || chat?.client.name || (address === ANNA ? t('anna') : '');
}

/** The demonstration makes messages it shows as commands and never posts. */
function isPosted({ from, callback }) {
  return from === 'business' || callback !== undefined;
}
