import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { accountPage } from '../sandbox/widget/account-page.ts';
import { readWidget, SOURCE } from './archive.ts';
import { LOGOS, TOUR } from './images.ts';

/*
 * Draws the widget's pictures anew, from art/ and from the widget itself: `node widget/draw.ts`, where Chromium is at
 * CHROMIUM_PATH or /usr/bin/chromium.
 */

const LOGO = readFileSync(join(import.meta.dirname, 'art', 'logo.svg'), 'utf8');
const HOST = 'acme.kommo.com';
const BRIDGE = 'https://bridge.example.com';

const NAMES = { ru: ['Продажи', 'Поддержка'], en: ['Sales', 'Support'] } as const;
const WRONG = {
  ru: 'edna не принимает запросы, ответы менеджеров не уходят. Проверьте ключ API, канал и деньги на счёте edna.',
  en: 'edna refuses requests, and answers of managers do not go out. Check the API key, the channel and the money at edna.',
} as const;

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
for (const [name, [width, height]] of Object.entries(LOGOS)) {
  await drawLogo(browser, join(SOURCE, name), width, height);
}
for (const language of ['ru', 'en'] as const) {
  for (const number of [1, 2] as const) await drawTour(browser, language, number);
}
await browser.close();

async function drawLogo(where: Browser, path: string, width: number, height: number) {
  const page = await where.newPage({ viewport: { width, height } });
  const side = Math.round(Math.min(width, height) * 0.86);
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:100vh;background:#fff">
      <div style="width:${side}px;height:${side}px">${LOGO}</div></body>`,
  );
  writeFileSync(path, await page.screenshot());
  await page.close();
}

/** The widget itself with two lines: first well, then with something to mend. */
async function drawTour(where: Browser, language: 'ru' | 'en', number: 1 | 2): Promise<void> {
  const [width, height] = TOUR;
  const page = await where.newPage({ viewport: { width, height } });
  const files = readWidget();
  const integration = { clientId: 'drawn', clientSecret: 'drawn' };
  const settings = { bridge_url: BRIDGE };
  const file = (path: string) => files.get(path) ?? new Uint8Array();
  const widget = { host: HOST, integration, amojoId: 'drawn', language, settings, file };
  await page.route(`https://${HOST}/**`, async (route) => {
    await route.fulfill(accountPage(widget, new URL(route.request().url()).pathname));
  });
  await page.route(`${BRIDGE}/**`, async (route) => {
    const headers = { 'Access-Control-Allow-Origin': `https://${HOST}` };
    await route.fulfill({ json: answer(language, number), headers });
  });
  await page.goto(`https://${HOST}/`);
  await page.locator('.edna-bridge__line').nth(1).waitFor();
  const path = join(SOURCE, 'images', `tour_${number}_${language}.png`);
  writeFileSync(path, await page.screenshot());
  await page.close();
}

function answer(language: 'ru' | 'en', number: 1 | 2) {
  const lines = NAMES[language].map((name, i) => ({
    id: String(i),
    name,
    messenger: ['whatsapp', 'max'][i],
    channels: [String(71_844 + i)],
    state: i === 0 || number === 1 ? 'connected' : 'switched-off',
    warnings: i === 0 && number === 2 ? [{ code: 'edna-blocked', text: WRONG[language] }] : [],
  }));
  return { lines, warnings: [] };
}
