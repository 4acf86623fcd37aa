import { join } from 'node:path';
import { selectors, type Browser, type Locator, type Page } from 'playwright-core';
import { serveApi, type HttpApi } from '../sandbox/api/http-api.ts';
import { Bridge } from './bridge.js';
import { browserPath, launchBrowser, NO_BROWSER } from './browser.js';

const ARTEFACTS = join(import.meta.dirname, '..', 'artefacts');
const LAPTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const WAIT_MS = 5000;
const TEST_MS = 20_000;

type Side = 'client' | 'manager';
/** What the specs need of an image: this project's types know no browser. */
type Decodable = { decode(): Promise<void> };

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
  }, TEST_MS);
  afterAll(() => browser.close());

  beforeEach(async () => {
    bridge = await Bridge.start();
    api = await serveApi(bridge.sandbox, 0, '127.0.0.1');
    complaints = [];
    page = await openPage(api.url);
  }, TEST_MS);
  afterEach(async () => {
    await page.context().close();
    await api.close();
    await bridge.stop();
  });

  async function openPage(url: string): Promise<Page> {
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
      if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== url) {
        complaints.push(`asked ${asked.href}`);
      }
    });
    await opened.goto(url);
    return opened;
  }

  const composer = (side: Side) => page.getByTestId(`composer-${side}`);
  const screen = (side: Side) => page.getByTestId(side === 'client' ? 'phone' : 'card');
  const message = (side: Side, text: string) =>
    screen(side).getByTestId('message').filter({ hasText: text });

  async function writes(side: Side, text: string): Promise<void> {
    const field = composer(side).getByRole('textbox');
    await field.fill(text);
    await field.press('Enter');
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

  /** Fails where the picture has not come, or is none. */
  const isShown = (picture: Locator) => picture.evaluate((image: Decodable) => image.decode());

  const overflow = () =>
    page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

  const keep = (name: string) => page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });

  it(
    'holds a conversation, with marks, pictures and files',
    async () => {
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
    },
    TEST_MS,
  );

  it(
    'tells why a message did not arrive, and that the next one did',
    async () => {
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

      await page.getByRole('switch', { name: 'Теряются: edna' }).click();
      await writes('client', 'Пропадёт');
      await message('client', 'Пропадёт').getByText('Уведомление потеряно').waitFor();

      await page.getByRole('button', { name: 'Выключить все' }).click();
      await page.getByRole('radio', { name: 'Доставлено и прочитано', checked: true }).waitFor();
      await writes('manager', 'Дойдёт');
      await message('client', 'Дойдёт').waitFor();
      await middle('Счёт').click();
      await page.getByTestId('ledger').getByText('Нарушений').waitFor();
      expect(bridge.sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, missing: 0 });
      expect(complaints).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'lets the manager write first',
    async () => {
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
    },
    TEST_MS,
  );

  it(
    'shows what looks like a script as it was written',
    async () => {
      const text = '<b>x</b><script>document.title = "taken"</script><img src=x onerror=alert(1)>';
      await writes('client', text);
      await message('manager', text).waitFor();
      await message('client', text).waitFor();
      await page.getByTestId('traffic').getByText(text).first().waitFor();
      expect(await page.title()).toBe('Песочница: edna ↔ amoCRM');
      expect(complaints).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'fits a phone, light and dark, and speaks English',
    async () => {
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
        expect(await overflow()).toBeLessThanOrEqual(0);
        await keep(`phone-${file}-ru`);
      }
      expect(complaints).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'says that the sandbox is gone, and comes back by itself',
    async () => {
      await page.getByText('мост подключён').waitFor();
      await api.close();
      await page.getByText('Песочница не отвечает').waitFor();
      api = await serveApi(bridge.sandbox, Number(new URL(api.url).port), '127.0.0.1');
      await page.getByText('Песочница не отвечает').waitFor({ state: 'hidden' });
      await writes('client', 'Снова здесь');
      await message('manager', 'Снова здесь').waitFor();
    },
    TEST_MS,
  );
});
