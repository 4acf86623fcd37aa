import { render } from '/lit-html/lit-html.js';
import { currentLanguage, t } from './i18n.js';
import { follow } from './live.js';
import { chats, chosenChat, chosenClient, clients, newestOf } from './people.js';
import { change, onChange, page } from './store.js';
import { keepAtEnd } from './scrolling.js';
import { appView } from './views/app.js';

const root = document.querySelector('#app');
const isNarrow = matchMedia('(max-width: 1079px)');

function draw() {
  document.documentElement.lang = currentLanguage();
  document.title = `${t('title')}: ${t('subtitle')}`;
  if (page.state !== undefined) markSeen(page.seen.size === 0);
  keepAtEnd(root, `${page.tab} ${page.middle}`, () => render(appView(), root));
}

/** What stands on the screen has been seen; so has all there was when the page was opened. */
function markSeen(isFirst) {
  const client = chosenClient();
  const chat = chosenChat();
  for (const one of clients()) {
    const isShown = one.address === client.address && !(isNarrow.matches && page.tab !== 'client');
    if (isFirst || isShown) page.seen.set(`phone ${one.address}`, newestOf(one.messages, 'client'));
  }
  for (const one of chats()) {
    const isShown = one.id === chat?.id && !(isNarrow.matches && page.tab !== 'manager');
    if (isFirst || isShown) page.seen.set(`chat ${one.id}`, newestOf(one.messages, 'manager'));
  }
}

/** An open menu closes at a press elsewhere, and at Escape. */
addEventListener('pointerdown', ({ target }) => {
  if (page.menu === undefined || target.closest('.composer') !== null) return;
  change({ menu: undefined });
});
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && page.menu !== undefined) change({ menu: undefined });
});

onChange(draw);
draw();
follow();
