import { render } from '/lit-html/lit-html.js';
import { closeMenuFromOutside } from './attach-menu.js';
import { currentLanguage, t } from './i18n.js';
import { follow } from './live.js';
import { keepPlaces, showChosen } from './scrolling.js';
import { markSeen } from './seen.js';
import { onChange, page } from './store.js';
import { appView } from './views/app.js';

const root = document.querySelector('#app');

function draw() {
  document.documentElement.lang = currentLanguage();
  document.title = `${t('title')}: ${t('subtitle')}`;
  markSeen();
  keepPlaces(root, `${page.tab} ${page.middle}`, () => render(appView(), root));
  showChosen(root);
}

onChange(draw);
draw();
closeMenuFromOutside();
follow();
