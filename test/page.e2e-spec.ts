import { join } from 'node:path';
import { selectors, type Browser, type Locator, type Page } from 'playwright-core';
import { serveApi, type HttpApi } from '../sandbox/api/http-api.ts';
import { Bridge } from './bridge.js';
import { browserPath, launchBrowser, NO_BROWSER } from './browser.js';

const ARTEFACTS = join(import.meta.dirname, '..', 'artefacts');
const LAPTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const WAIT_MS = 15_000;

const ANNA = '79995550142';

type Side = 'client' | 'manager';
/** What the specs need of elements: this project's types know no browser. */
type Decodable = { decode(): Promise<void> };
type Clickable = { click(): void };
type Checked = { checkValidity(): boolean };

if (browserPath === undefined) process.stderr.write(`${NO_BROWSER}\n`);
const onBrowser = browserPath === undefined ? describe.skip : describe;

onBrowser('the page', () => {
  let browser: Browser;
  let bridge: Bridge;
  let api: HttpApi;
  let page: Page;
  /** What the browser complains of, and addresses it asked that are not the sandbox's. */
  let complaints: string[];

  beforeAll(async () => {
    selectors.setTestIdAttribute('data-test');
    browser = await launchBrowser(browserPath ?? '');
    page = await openPage();
  });
  afterAll(() => browser.close());

  // One page for all: each has a sandbox at an address of its own, and what a browser keeps, it keeps by the address.
  beforeEach(async () => {
    bridge = await Bridge.start();
    api = await serveApi(bridge.sandbox, 0, '127.0.0.1');
    complaints = [];
    await page.setViewportSize(LAPTOP);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(api.url);
  });
  afterEach(async () => {
    await page.unrouteAll();
    await page.goto('about:blank');
    await api.close();
    await bridge.stop();
  });

  async function openPage(): Promise<Page> {
    const context = await browser.newContext({
      viewport: LAPTOP,
      colorScheme: 'light',
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(WAIT_MS);
    const opened = await context.newPage();
    opened.on('pageerror', (error) => complaints.push(error.message));
    opened.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    opened.on('request', (request) => {
      const asked = new URL(request.url());
      if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== api.url) {
        complaints.push(`asked ${asked.href}`);
      }
    });
    return opened;
  }

  const composer = (side: Side) => page.getByTestId(`composer-${side}`);
  const screen = (side: Side) => page.getByTestId(side === 'client' ? 'phone' : 'card');
  const message = (side: Side, text: string | RegExp) =>
    screen(side).getByTestId('message').filter({ hasText: text });

  async function writes(side: Side, text: string): Promise<void> {
    await field(side).fill(text);
    await field(side).press('Enter');
  }

  async function attaches(side: Side, sample: string): Promise<void> {
    await composer(side).getByRole('button', { name: 'Прикрепить' }).click();
    await composer(side).getByRole('button', { name: sample, exact: true }).click();
  }

  async function attachesOwn(
    side: Side,
    name: string,
    mimeType: string,
    text: string,
  ): Promise<void> {
    await composer(side).getByRole('button', { name: 'Прикрепить' }).click();
    const file = { name, mimeType, buffer: Buffer.from(text) };
    await composer(side).locator('input[type=file]').setInputFiles(file);
  }

  const middle = (name: string) =>
    page.getByRole('navigation', { name: 'Части страницы' }).getByRole('button', { name });

  const field = (side: Side) => composer(side).getByRole('textbox');

  const chips = (name: string) => page.getByRole('navigation', { name }).locator('.chips');

  async function addsClient(phone: string, name: string): Promise<void> {
    await page.getByRole('button', { name: 'Новый клиент' }).click();
    const form = page.getByRole('dialog', { name: 'Новый клиент' });
    await form.getByLabel('Телефон').fill(phone);
    await form.getByLabel('Имя').fill(name);
    await form.getByRole('button', { name: 'Добавить' }).click();
  }

  /** Where an element's right side is. */
  async function rightOf(one: Locator): Promise<number> {
    const box = await one.boundingBox();
    return Math.round((box?.x ?? NaN) + (box?.width ?? NaN));
  }

  const topOf = async (one: Locator) => Math.round((await one.boundingBox())?.y ?? NaN);

  /** Fails where the picture has not come, or is none. */
  const isShown = (picture: Locator) => picture.evaluate((image: Decodable) => image.decode());

  const overflow = () =>
    page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

  const keep = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });

  it('holds a conversation, with marks, pictures and files', async () => {
    await page.getByText('Переписки ещё нет').waitFor();
    await page.getByText('Чата ещё нет').waitFor();
    await writes('client', 'Здравствуйте! Есть термос на литр?');
    await message('manager', 'Есть термос на литр?').waitFor();
    await page.getByText('Сделка создана').waitFor();
    await writes('manager', 'Есть, вот такой');
    await message('client', 'Есть, вот такой').waitFor();
    await message('manager', 'Есть, вот такой').getByRole('img', { name: 'Прочитано' }).waitFor();

    await attaches('manager', 'Фото');
    await isShown(screen('client').locator('img'));
    await attachesOwn('client', 'заказ.txt', 'text/plain', 'Термос, 1 шт.');
    const file = screen('manager').getByRole('link', { name: 'заказ.txt' });
    await file.waitFor();
    const bytes = await page.request.get(
      new URL((await file.getAttribute('href')) ?? '', api.url).href,
    );
    expect(await bytes.text()).toBe('Термос, 1 шт.');

    await attaches('client', 'Голосовое');
    await screen('manager').locator('audio').waitFor();
    await attaches('client', 'Место');
    await message('manager', 'Дворцовая площадь').waitFor();
    await page.getByTestId('traffic').getByText('Отметка о доставке').first().waitFor();
    await keep('laptop-light-ru');
    expect(complaints).toEqual([]);
  });

  it('tells why a message did not arrive, and that the next one did', async () => {
    await writes('client', 'Здравствуйте!');
    await message('manager', 'Здравствуйте!').waitFor();
    await middle('Сбои').click();
    await page.getByRole('switch', { name: 'Отказ 400: edna' }).click();
    await writes('manager', 'Не пройдёт');
    const refused = message('manager', 'Не пройдёт');
    await refused.getByText('edna не приняла сообщение').waitFor();
    await refused.getByRole('img', { name: 'Не доставлено' }).waitFor();
    await page.getByRole('switch', { name: 'Отказ 400: edna', checked: true }).click();

    await page.getByRole('radio', { name: 'На номере нет WhatsApp' }).check();
    await writes('manager', 'Не дойдёт');
    await message('manager', 'Не дойдёт').getByText('На этом номере нет WhatsApp').waitFor();
    await keep('laptop-faults-ru');

    const { settings } = bridge.sandbox.edna;
    await page.getByRole('radio', { name: 'Телефон выключен' }).check();
    await bridge.sandbox.until(() => settings.fates['']?.status === 'EXPIRED');
    expect(settings.validityHours).toBeLessThan(0.01);

    await page.getByRole('switch', { name: 'Теряются: edna' }).click();
    await writes('client', 'Пропадёт');
    const lost = message('client', 'Пропадёт');
    await lost.getByText('Уведомление потеряно').waitFor();
    expect(await rightOf(lost.locator('.bubble'))).toBe(await rightOf(lost.getByTestId('trouble')));

    await page.getByRole('button', { name: 'Выключить все' }).click();
    await page.getByRole('radio', { name: 'Доставлено и прочитано', checked: true }).waitFor();
    expect(settings.validityHours).toBe(24);
    await writes('manager', 'Дойдёт');
    await message('client', 'Дойдёт').waitFor();
    await middle('Счёт').click();
    await page.getByTestId('ledger').getByText('Нарушений').waitFor();
    expect(bridge.sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, missing: 0 });
    expect(await page.getByTestId('traffic').textContent()).not.toMatch(/[A-Z]{4,}ED/);

    bridge.sandbox.edna.faults.add({ kind: 'answer', status: 404, endpoint: 'files' });
    await attaches('client', 'Документ');
    await screen('manager').getByText('Файл не загрузился: в ответ пришло 404').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows reactions, buttons and lists, and lets the client press them', async () => {
    const { sandbox } = bridge;
    await page.getByRole('combobox', { name: 'Канал' }).selectOption({ label: 'MAX Bot' });
    await writes('client', 'Пишу из MAX');
    await message('manager', 'Пишу из MAX').waitFor();
    const [chat] = sandbox.chats;
    if (!chat) throw new Error('no chat');
    await sandbox.manager.offers(chat, 'Удобно?', [[{ text: 'Да' }, { text: 'Нет' }]]);
    await message('manager', 'Удобно?').getByRole('button', { name: 'Нет' }).waitFor();
    await message('client', 'Удобно?').getByRole('button', { name: 'Нет' }).click();
    await message('manager', /^\s*Нет\s/).waitFor();
    const rows = [{ title: 'Утром', callback_data: '01' }];
    await sandbox.manager.offersList(chat, { body: 'Когда?', sections: [{ rows }] });
    await message('manager', 'Когда?').getByRole('button', { name: 'Утром' }).waitFor();
    await message('client', 'Когда?').getByRole('button', { name: 'Утром' }).click();
    await message('manager', /^\s*Утром\s/).waitFor();

    const client = sandbox.client(ANNA);
    const react = (emoji: string) =>
      client.writes(
        { type: 'REACTION', emoji },
        { channel: 'acme_max_bot', replyTo: client.sees[0] },
      );
    await react('👍');
    await message('client', 'Реакция 👍').waitFor();
    const shown = message('manager', 'Удобно?').getByRole('img', { name: 'Реакция 👍' });
    await shown.waitFor();
    await page.getByTestId('traffic').getByText('Реакция в чат').waitFor();
    await react('');
    await message('client', 'Реакция снята').waitFor();
    await shown.waitFor({ state: 'hidden' });
    await keep('laptop-buttons-ru');
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, missing: 0 });
    expect(complaints).toEqual([]);
  });

  it('lets the manager write first', async () => {
    await page.getByRole('button', { name: 'Написать первым' }).click();
    const form = page.getByRole('dialog', { name: 'Написать первым' });
    await form.getByLabel('Телефон').fill('+7 903 555-01-77');
    await form.getByLabel('Имя').fill('Пётр');
    await form.getByLabel('Сообщение').fill('Ваш заказ готов');
    await form.getByRole('button', { name: 'Отправить' }).click();
    await message('client', 'Ваш заказ готов').waitFor();
    await page.getByText('Менеджер написал первым').waitFor();
    await writes('client', 'Спасибо, еду');
    await message('manager', 'Спасибо, еду').waitFor();
    expect(bridge.sandbox.ledger()).toMatchObject({ chats: 1, missing: 0, violations: 0 });
    expect(complaints).toEqual([]);
  });

  it('shows what looks like a script as it was written', async () => {
    const text = '<b>x</b><script>document.title = "taken"</script><img src=x onerror=alert(1)>';
    await writes('client', text);
    await message('manager', text).waitFor();
    await message('client', text).waitFor();
    await page.getByTestId('traffic').getByText(text).first().waitFor();
    expect(await page.title()).toBe('Песочница: edna ↔ amoCRM');
    expect(complaints).toEqual([]);
  });

  it('fits a phone, light and dark, and speaks English', async () => {
    await writes('client', `Вот заказ: https://shop.example/orders/${'7f3a9c'.repeat(20)}`);
    await message('manager', 'Вот заказ').waitFor();
    await attaches('client', 'Фото');
    await isShown(screen('manager').locator('img'));
    await writes('manager', 'Спасибо, передал мастеру. Ответим до вечера.');
    await message('manager', 'Спасибо').getByRole('img', { name: 'Прочитано' }).waitFor();
    await page.getByRole('button', { name: 'EN' }).click();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByText('Lead opened').waitFor();
    await keep('laptop-dark-en');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(11, 16, 22)',
    );

    await page.emulateMedia({ colorScheme: 'light' });
    for (const width of [1100, 1080]) {
      await page.setViewportSize({ ...LAPTOP, width });
      expect([width, await overflow()]).toEqual([width, 0]);
    }
    await page.setViewportSize(PHONE);
    await page.getByRole('button', { name: 'RU' }).click();
    for (const [name, seen, file] of [
      ['Клиент', screen('client'), 'client'],
      ['Менеджер', screen('manager'), 'manager'],
      ['Мост', page.getByTestId('traffic'), 'bridge'],
      ['Сбои', page.getByTestId('ledger'), 'faults'],
    ] as const) {
      const tabs = page.getByRole('navigation', { name: 'Части страницы' });
      await tabs.getByRole('button', { name }).click();
      await seen.waitFor();
      for (const width of [320, PHONE.width]) {
        await page.setViewportSize({ ...PHONE, width });
        expect([name, width, await overflow()]).toEqual([name, width, 0]);
      }
      await keep(`phone-${file}-ru`);
    }
    expect(complaints).toEqual([]);
  });

  it('switches a fault on for every way in, once however often it is pressed', async () => {
    await page.getByRole('combobox', { name: 'Канал' }).selectOption({ label: 'MAX Bot' });
    await writes('client', 'Пишу из MAX');
    await message('manager', 'Пишу из MAX').waitFor();
    await middle('Сбои').click();
    await page.getByRole('checkbox', { name: 'На один раз' }).check();
    const refusal = page.getByRole('switch', { name: 'Отказ 400: edna' });
    await refusal.evaluate((pressed: Clickable) => {
      pressed.click();
      pressed.click();
    });
    await bridge.sandbox.until(() => bridge.sandbox.edna.faults.active.length === 3);
    await middle('Сбои')
      .filter({ hasText: /^\s*Сбои\s*1\s*$/ })
      .waitFor();
    await writes('manager', 'Не пройдёт');
    await message('manager', 'Не пройдёт').getByText('edna не приняла').waitFor();
    await page.getByRole('switch', { name: 'Отказ 400: edna', checked: false }).waitFor();
    await writes('manager', 'Пройдёт');
    await message('client', 'Пройдёт').waitFor();
    expect(bridge.sandbox.edna.faults.active).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('keeps what is written and not sent, for each client and chat', async () => {
    await writes('client', 'Здравствуйте!');
    await message('manager', 'Здравствуйте!').waitFor();
    await field('client').fill('Черновик Анны');
    await attaches('client', 'Место');
    await message('manager', 'Дворцовая площадь').waitFor();
    expect(await field('client').inputValue()).toBe('Черновик Анны');
    await addsClient('+7 903 555-01-77', 'Пётр');
    await page.getByText('так видит Пётр').waitFor();
    expect(await field('client').inputValue()).toBe('');
    await writes('client', 'Я Пётр');
    await message('manager', 'Я Пётр').waitFor();
    await field('manager').fill('Петру');
    await chips('Клиенты').getByRole('button', { name: 'Анна' }).click();
    await message('manager', 'Здравствуйте!').waitFor();
    expect(await field('client').inputValue()).toBe('Черновик Анны');
    expect(await field('manager').inputValue()).toBe('');

    await message('manager', 'Здравствуйте!').hover();
    await message('manager', 'Здравствуйте!').getByRole('button').click();
    await page.getByText('Ответ на').waitFor();
    await page.getByRole('combobox', { name: 'Канал' }).selectOption({ label: 'MAX' });
    await page.getByText('Ответ на').waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);

    await page.route('**/client/**', (route) => route.abort());
    await attaches('client', 'Фото');
    await page.getByRole('alert').getByText('Песочница не отвечает').waitFor();
    expect(await field('client').inputValue()).toBe('Черновик Анны');
  });

  it('records one voice at a time', async () => {
    // What is put into a page before it loads stays with it.
    const shared = page;
    page = await openPage();
    await page.addInitScript(`
        const media = navigator.mediaDevices;
        const ask = media.getUserMedia.bind(media);
        globalThis.tracks = [];
        media.getUserMedia = async (what) => {
          const stream = await ask(what);
          globalThis.tracks.push(...stream.getTracks());
          return stream;
        };`);
    await page.goto(api.url);
    await writes('client', 'Здравствуйте!');
    await message('manager', 'Здравствуйте!').waitFor();
    await field('client').fill('Черновик');
    await attaches('client', 'Записать голос');
    await page.getByText('Идёт запись').waitFor();
    await attaches('manager', 'Записать голос');
    await screen('client').locator('audio').waitFor();
    expect(await field('client').inputValue()).toBe('Черновик');
    const states = 'globalThis.tracks.map(({ readyState }) => readyState)';
    expect(await page.evaluate(states)).toEqual(['ended', 'live']);
    await page.getByRole('button', { name: 'Отмена' }).click();
    await field('manager').waitFor();
    // The recorder lets go of the microphone once it has stopped, a moment after it is told to.
    await page.waitForFunction(
      `globalThis.tracks.every(({ readyState }) => readyState === 'ended')`,
    );
    expect(complaints).toEqual([]);
    await page.context().close();
    page = shared;
  });

  it('goes by the keyboard through the attach menu, and takes no phone without digits', async () => {
    const attach = composer('client').getByRole('button', { name: 'Прикрепить' });
    const photo = composer('client').getByRole('button', { name: 'Фото' });
    const focused = (one: Locator) => one.and(page.locator(':focus'));
    await attach.press('Enter');
    await photo.waitFor();
    await page.keyboard.press('Tab');
    await focused(photo).waitFor();
    await page.keyboard.press('Escape');
    await photo.waitFor({ state: 'hidden' });
    await focused(attach).waitFor();

    await addsClient('()()()', 'Никто');
    const phone = page.getByRole('dialog').getByLabel('Телефон');
    const isTaken = () => phone.evaluate((input: Checked) => input.checkValidity());
    expect(await isTaken()).toBe(false);
    await phone.fill('+7 (903) 555-01-77');
    expect(await isTaken()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('shows the chosen client among many, and keeps the place of a reader who scrolled back', async () => {
    const anna = bridge.sandbox.client(ANNA);
    const many = Array.from({ length: 205 }, (_, index) => `Сообщение ${index + 1}.`);
    await anna.writesTogether(many);
    await message('client', 'Сообщение 205.').waitFor();
    await screen('client').getByText('Показаны последние 200').waitFor();
    const read = message('client', 'Сообщение 100.');
    await read.scrollIntoViewIfNeeded();
    const top = await topOf(read);
    await anna.writesTogether(['Ещё раз', 'И ещё']);
    await message('client', 'И ещё').waitFor();
    expect(await message('client', 'Сообщение 6.').count()).toBe(0);
    expect(await topOf(read)).toBe(top);

    for (const name of ['Борис', 'Вера', 'Галина', 'Дмитрий', 'Елена']) {
      await addsClient(`7903555${name.length}${name.charCodeAt(0)}`, name);
    }
    const chosen = chips('Клиенты').getByRole('button', { name: 'Елена' });
    await page.getByText('так видит Елена').waitFor();
    expect(await rightOf(chosen)).toBeLessThanOrEqual(await rightOf(chips('Клиенты')));
    const add = await page.getByRole('button', { name: 'Новый клиент' }).boundingBox();
    expect(await rightOf(chosen)).toBeLessThanOrEqual(add?.x ?? 0);
    expect(complaints).toEqual([]);
  });

  it('says that the sandbox is gone, and comes back by itself', async () => {
    await page.getByText('мост подключён').waitFor();
    await api.close();
    await page.getByText('Песочница не отвечает').waitFor();
    api = await serveApi(bridge.sandbox, Number(new URL(api.url).port), '127.0.0.1');
    await page.getByText('Песочница не отвечает').waitFor({ state: 'hidden' });
    await writes('client', 'Снова здесь');
    await message('manager', 'Снова здесь').waitFor();
  });
});
