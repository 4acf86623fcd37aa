import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where Debian, Ubuntu and Chrome's own package put it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Undefined where no browser is installed. */
export const browserPath = process.env['CHROMIUM_PATH'] || PLACES.find((path) => existsSync(path));

export const NO_BROWSER =
  'No browser, so the page is not tested. Install one: apt-get install -y --no-install-recommends chromium (or name it in CHROMIUM_PATH)';

/** A browser that opens what it is told to, and calls nobody else; its microphone is made up. */
export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      // A page of an account's address that asks a server on this machine is what the widget's specs are about.
      '--disable-features=LocalNetworkAccessChecks',
    ],
  });
}
