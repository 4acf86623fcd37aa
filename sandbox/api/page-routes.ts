import { join } from 'node:path';
import express, { type Express } from 'express';

const PAGE = join(import.meta.dirname, '..', 'page');
const LIT_HTML = join(import.meta.dirname, '..', '..', 'node_modules', 'lit-html');

/** Everything the page needs comes from here; its files go out as they are, without a build. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** @param directory what is told to whoever does not ask for HTML */
export function addPageRoutes(app: Express, directory: Record<string, string>): void {
  app.use((_request, response, next) => {
    response.set(HEADERS);
    next();
  });
  app.get('/', (request, response) => {
    if (request.accepts(['json', 'html']) === 'html') {
      response.sendFile('index.html', { root: PAGE });
    } else {
      response.json(directory);
    }
  });
  app.use('/page', express.static(PAGE, { index: false }));
  app.use('/lit-html', express.static(LIT_HTML, { index: false }));
}
