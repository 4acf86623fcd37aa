/**
 * What the page knows: `state` is what the sandbox said last, the rest is what the reader chose.
 * Whoever changes something says so with `change`, and the page is drawn anew.
 */
export const page = {
  /** @type {import('./types.js').State | undefined} */
  state: undefined,
  isLive: false,
  /** What a narrow screen shows. @type {'client' | 'manager' | 'bridge' | 'faults'} */
  tab: 'client',
  /** What the middle of a wide screen shows. @type {'bridge' | 'faults' | 'ledger'} */
  middle: 'bridge',
  client: '79995550142',
  /** The chat the reader opened; undefined while the card follows the client. @type {string | undefined} */
  chat: undefined,
  /** Channel a client writes to, by address. @type {Record<string, string>} */
  channels: {},
  /** Clients made on this page. @type {{ address: string, name: string }[]} */
  ownClients: JSON.parse(sessionStorage.getItem('sandbox.clients') ?? '[]'),
  /** Whose attach menu is open. @type {'client' | 'manager' | undefined} */
  menu: undefined,
  /** Who is recording. @type {'client' | 'manager' | undefined} */
  recording: undefined,
  /**
   * The message the manager is about to quote, and the chat it stands in.
   * @type {{ chat: string, message: import('./types.js').CardMessage } | undefined}
   */
  quoted: undefined,
  strikesOnce: false,
  /** @type {{ id: number, text: string }[]} */
  toasts: [],
};

let draw = () => {};
let isDue = false;

/** @param {() => void} render called after changes, once for all that happen together */
export function onChange(render) {
  draw = render;
}

/** @param {Partial<typeof page>} changes */
export function change(changes) {
  Object.assign(page, changes);
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    draw();
  });
}

/** @param {{ address: string, name: string }} client */
export function addOwnClient(client) {
  const others = page.ownClients.filter(({ address }) => address !== client.address);
  const ownClients = [...others, client];
  sessionStorage.setItem('sandbox.clients', JSON.stringify(ownClients));
  change({ ownClients, client: client.address, chat: undefined, quoted: undefined });
}
