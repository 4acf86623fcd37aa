import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { accountPage } from '../sandbox/widget/account-page.ts';
import { readWidget } from '../widget/archive.ts';
import { Bridge } from './bridge.js';
import { browserPath, launchBrowser, NO_BROWSER } from './browser.js';

const ARTEFACTS = join(import.meta.dirname, '..', 'artefacts');
const WAIT_MS = 15_000;
const HOST = 'acme.amocrm.ru';
const FILES = readWidget();

if (browserPath === undefined) process.stderr.write(`${NO_BROWSER}\n`);
const onBrowser = browserPath === undefined ? describe.skip : describe;

/** Against the real bridge: only the account's own page is a stand-in. */
onBrowser('the widget in the settings of an account', () => {
  let browser: Browser;
  let bridge: Bridge;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complains of. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchBrowser(browserPath ?? '');
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    context.setDefaultTimeout(WAIT_MS);
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  afterAll(() => browser.close());

  async function start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    bridge = await Bridge.start();
    const { integrationId, integrationSecret } = bridge.sandbox.amojo.settings;
    await bridge.restart({
      AMOCRM_BASE_URL: `https://${HOST}`,
      AMOCRM_CLIENT_ID: integrationId,
      AMOCRM_CLIENT_SECRET: integrationSecret,
      EDNA_WEBHOOK_TOKEN: 'spec-webhook-token',
      ...environment,
    });
    await bridge.sandbox.until(() => bridge.sandbox.amojo.isConnected);
  }

  beforeEach(() => {
    complaints = [];
  });
  // One page for all: the widget keeps nothing in the browser.
  afterEach(async () => {
    await page.goto('about:blank');
    await context.unrouteAll();
    await bridge.stop();
  });

  async function open(
    language: 'ru' | 'en' = 'ru',
    changes: { address?: string; amojoId?: string; secret?: string; host?: string } = {},
  ): Promise<Page> {
    const { integrationId, integrationSecret, accountId } = bridge.sandbox.amojo.settings;
    const { address = bridge.url, amojoId = accountId, host = HOST } = changes;
    const widget = {
      host,
      integration: { clientId: integrationId, clientSecret: changes.secret ?? integrationSecret },
      amojoId,
      language,
      settings: { bridge_url: address },
      file: (path: string) => FILES.get(path) ?? new Uint8Array(),
    };
    await context.route(`https://${host}/**`, async (route) => {
      await route.fulfill(accountPage(widget, new URL(route.request().url()).pathname));
    });
    await page.goto(`https://${host}/`);
    return page;
  }

  const inWidget = (page: Page, name: string) => page.locator(`.edna-bridge__${name}`);
  const press = (page: Page, name: string) =>
    page.getByRole('button', { name, exact: true }).click();
  const waitFor = (page: Page, text: string) =>
    page.locator('.edna-bridge').getByText(text).first().waitFor();

  async function shoot(page: Page, name: string): Promise<void> {
    mkdirSync(ARTEFACTS, { recursive: true });
    await page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
  }

  it.each([
    ['ru', 'Канал подключён', 'Отключить', 'Да, отключить', 'Канал отключён', 'Подключить'],
    [
      'en',
      'The channel is connected',
      'Disconnect',
      'Yes, disconnect',
      'The channel is disconnected',
      'Connect',
    ],
  ] as const)(
    'shows the line, disconnects and connects its channel: %s',
    async (language, on, disconnect, yes, off, connect) => {
      await start();
      const page = await open(language);
      await waitFor(page, on);
      expect(await inWidget(page, 'name').allTextContents()).toEqual(['Integration Channel']);
      expect(await inWidget(page, 'warning').count()).toBe(0);
      // While anything is answered in its place, the browser is told that every server allows everything.
      await context.unrouteAll();
      await press(page, disconnect);
      await press(page, yes);
      await waitFor(page, off);
      expect(bridge.sandbox.amojo.isConnected).toBe(false);
      await shoot(page, `widget-off-${language}`);
      await press(page, connect);
      await waitFor(page, on);
      expect(bridge.sandbox.amojo.isConnected).toBe(true);
      await shoot(page, `widget-on-${language}`);
      expect(complaints).toEqual([]);
    },
  );

  it('disconnects nothing where somebody thinks better of it', async () => {
    await start();
    const page = await open();
    await press(page, 'Отключить');
    await press(page, 'Нет');
    expect(await page.getByRole('button').allTextContents()).toEqual(['Обновить', 'Отключить']);
    expect(bridge.sandbox.amojo.isConnected).toBe(true);
  });

  it('leaves the channel off over a restart of the bridge, while clients write', async () => {
    await start();
    const page = await open();
    await press(page, 'Отключить');
    await press(page, 'Да, отключить');
    await waitFor(page, 'Канал отключён');
    const { integrationId, integrationSecret } = bridge.sandbox.amojo.settings;
    await bridge.restart({
      AMOCRM_BASE_URL: `https://${HOST}`,
      AMOCRM_CLIENT_ID: integrationId,
      AMOCRM_CLIENT_SECRET: integrationSecret,
    });
    await bridge.sandbox.client('79995550142').writes('Здравствуйте');
    await press(page, 'Обновить');
    await waitFor(page, 'Канал отключён');
    expect(bridge.sandbox.amojo.isConnected).toBe(false);
    await press(page, 'Подключить');
    await waitFor(page, 'Канал подключён');
    const texts = () =>
      bridge.sandbox.chats.flatMap(({ messages }) => messages.map(({ text }) => text));
    await bridge.sandbox.until(() => texts().length > 0);
    expect(texts()).toEqual(['Здравствуйте']);
  });

  it.each([
    ['ru', 'amoCRM отказала (HTTP 403). Проверьте AMOCRM_CHANNEL_SECRET'],
    ['en', 'amoCRM refused (HTTP 403). Check AMOCRM_CHANNEL_SECRET'],
  ] as const)('says in words why amoCRM did not: %s', async (language, words) => {
    await start();
    const page = await open(language);
    const { faults } = bridge.sandbox.amojo;
    faults.add({ kind: 'answer', status: 403, endpoint: 'disconnect', times: 2 });
    await press(page, language === 'ru' ? 'Отключить' : 'Disconnect');
    await press(page, language === 'ru' ? 'Да, отключить' : 'Yes, disconnect');
    await waitFor(page, words);
    await shoot(page, `widget-error-${language}`);
    expect(bridge.sandbox.amojo.isConnected).toBe(true);
  });

  it.each<[string, Parameters<typeof open>[1], string]>([
    ['another integration’s secret', { secret: 'another' }, 'Запрос подписан не той интеграцией'],
    [
      'another account’s page',
      { host: 'other.kommo.com' },
      'Ни одна линия моста не относится к other.kommo.com',
    ],
    [
      'another chats account',
      { amojoId: '00000000-0000-4000-8000-000000000001' },
      'Линия настроена на другой аккаунт чатов',
    ],
    ['no chats account', { amojoId: '' }, 'Страница не назвала id аккаунта'],
    [
      'an address where nobody is',
      { address: 'http://127.0.0.1:9' },
      'Мост не отвечает по адресу http://127.0.0.1:9',
    ],
    [
      'an address without TLS',
      { address: 'bridge.example.com' },
      'Адрес моста начинается с https://',
    ],
    ['no address', { address: '' }, 'Впишите адрес моста'],
  ])('says what is wrong with %s', async (_, changes, words) => {
    await start();
    const page = await open('ru', changes);
    await waitFor(page, words);
  });

  it('says that the bridge knows no integration', async () => {
    await start({ AMOCRM_CLIENT_ID: '', AMOCRM_CLIENT_SECRET: '' });
    await waitFor(await open(), 'задайте AMOCRM_CLIENT_ID и AMOCRM_CLIENT_SECRET');
  });

  it('asks anew when another address is typed, and shows no answer of the one before', async () => {
    await start();
    const page = await open('ru', { address: '' });
    await page.locator('input[name="bridge_url"]').fill(`${bridge.url}/`);
    await page.locator('input[name="bridge_url"]').blur();
    await waitFor(page, 'Канал подключён');
  });

  it('leaves the page as it was when it goes', async () => {
    await start();
    const page = await open();
    await waitFor(page, 'Канал подключён');
    await page.evaluate('window.shown.callbacks.destroy()');
    expect(await page.locator('.edna-bridge').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
