import { readFileSync } from 'node:fs';
import { ManualClock } from '../clock.ts';
import { isObject } from '../json.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import type { ClientContent } from './client-message.ts';
import { CLIENT_SAMPLES } from './client-samples.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new ManualClock() });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const samples = Object.entries<ClientContent>(CLIENT_SAMPLES);

interface Incoming {
  readonly messageContent: object;
}

/** Keys of a body and of the content in it. */
function keysOf(body: unknown): string[] {
  const { messageContent, ...rest } = body as Incoming;
  return [...Object.keys(rest), ...Object.keys(messageContent).map((key) => `.${key}`)].toSorted();
}

describe('a client message of every type', () => {
  it.each(samples)('%s has its content, and nulls for the rest', async (_name, content) => {
    await sandbox.client('79995550142').writes(content);
    const body = bridge.posted[0]?.body as Incoming;
    const given = typeof content === 'string' ? { type: 'TEXT', text: content } : content;
    const { attachment: _, ...carried } = given as { attachment?: unknown };
    expect(body.messageContent).toMatchObject(carried);
  });

  it.each(samples)('%s has a legacy form', async (_name, content) => {
    sandbox.client('79995550142', { avatarUrl: 'https://a.example.test/v.jpg' });
    await sandbox.client('79995550142').writes(content, { form: 'legacy' });
    const type = typeof content === 'string' ? 'text' : content.type.toLowerCase();
    const body = bridge.posted[0]?.body;
    expect(body).toMatchObject({
      contentType: type,
      imSubjectId: 71_844,
      avatarUrl: 'https://a.example.test/v.jpg',
    });
    expect(isObject(body) && Object.values(body).every((value) => value !== null)).toBe(true);
  });

  it.each([
    ['IMAGE', 'incoming-image'],
    ['VOICE', 'incoming-voice'],
    ['STICKER', 'incoming-sticker'],
    ['LOCATION', 'incoming-location'],
    ['BUTTON', 'incoming-button'],
    ['LIST_PICKER', 'incoming-list-picker'],
    ['PRODUCT', 'incoming-product'],
    ['ORDER', 'incoming-order'],
    ['CONTACT', 'incoming-contact'],
  ] as const)('%s has the documented keys', async (type, name) => {
    await sandbox.client('79995550142').writes(CLIENT_SAMPLES[type]);
    const path = new URL(`../../test/fixtures/edna/${name}.json`, import.meta.url);
    const documented = keysOf(JSON.parse(readFileSync(path, 'utf8')));
    expect(keysOf(bridge.posted[0]?.body)).toEqual(expect.arrayContaining(documented));
  });
});
