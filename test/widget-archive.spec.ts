import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { readWidget, type WidgetFiles } from '../widget/archive.ts';
import { problemsOf } from '../widget/check.ts';

const ROOT = join(import.meta.dirname, '..');
const START_MS = 30_000;

const bytesOf = (text: string) => Buffer.from(text);
const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');

/** A copy in which one file is another, or gone. */
function spoiled(name: string, change: (bytes: Buffer) => Uint8Array | undefined): WidgetFiles {
  const files = new Map(readWidget());
  const changed = change(Buffer.from(files.get(name) ?? []));
  if (changed) files.set(name, changed);
  else files.delete(name);
  return files;
}

const replaced = (name: string, from: string | RegExp, to: string) =>
  spoiled(name, (bytes) => {
    const text = textOf(bytes);
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${name} has no ${String(from)}`);
    return bytesOf(changed);
  });

const wider = (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(copy.readUInt32BE(16) + 1, 16);
  return copy;
};

describe('the widget', () => {
  it('has nothing that amoCRM would refuse', () => {
    expect(problemsOf(readWidget())).toEqual([]);
  });

  it('keeps the icon of the channel small and round, as support asks for', () => {
    const path = join(ROOT, 'widget/art/channel.svg');
    expect(statSync(path).size).toBeLessThan(100 * 1024);
    expect(readFileSync(path, 'utf8')).toMatch(/<svg[^>]* width="14" height="14"[^]*<circle/);
  });
});

describe('a spoiled widget is refused where', () => {
  const script = (to: string) => () => replaced('script.js', "'use strict';", to);
  const gone = (name: string) => () => spoiled(name, () => undefined);

  it.each<[string, () => WidgetFiles, string]>([
    ['a file is missing', gone('script.js'), 'script.js is missing'],
    ['a logo is missing', gone('images/logo_dp.png'), 'images/logo_dp.png is missing'],
    [
      'a picture of the tour is missing',
      gone('images/tour_2_en.png'),
      'images/tour_2_en.png is missing',
    ],
    ['a language is missing', gone('i18n/en.json'), 'i18n/en.json is missing'],
    [
      'a file is too many',
      () => spoiled('notes.txt', () => bytesOf('x')),
      'notes.txt does not belong',
    ],
    [
      'a picture is too many',
      () => spoiled('images/x.png', () => bytesOf('x')),
      'images/x.png is used nowhere',
    ],
    [
      'a picture is no PNG',
      () => spoiled('images/logo.png', () => bytesOf('x')),
      'images/logo.png is no PNG',
    ],
    [
      'a picture has another size',
      () => spoiled('images/logo.png', wider),
      'images/logo.png is 131×100, not 130×100',
    ],
    [
      'a picture is too large',
      () => spoiled('images/logo.png', (bytes) => Buffer.concat([bytes, Buffer.alloc(301 * 1024)])),
      'images/logo.png is larger than 300 KB',
    ],
    [
      'a picture moves',
      () => spoiled('images/logo.png', (bytes) => Buffer.concat([bytes, bytesOf('acTL')])),
      'images/logo.png moves',
    ],
    ['JSON is none', () => replaced('manifest.json', '{', ''), 'manifest.json is no JSON'],
    [
      'a byte order mark stands',
      () => replaced('i18n/ru.json', '{', '\ufeff{'),
      'i18n/ru.json begins with a byte order mark',
    ],
    [
      'lines end as on Windows',
      () => replaced('script.js', '\n', '\r\n'),
      'script.js has lines that end with \\r',
    ],
    [
      'it is not UTF-8',
      () => spoiled('style.css', (bytes) => Buffer.concat([bytes, Buffer.from([0xff])])),
      'style.css is not UTF-8',
    ],
    [
      'a needed location is missing',
      () => replaced('manifest.json', ', "lead_sources"', ''),
      'locations: lead_sources is missing',
    ],
    [
      'a location is made up',
      () => replaced('manifest.json', '"lead_sources"', '"lead_sources", "moon"'),
      'locations: amoCRM has no moon',
    ],
    [
      'a name is no way into i18n',
      () => replaced('manifest.json', '"widget.name"', '"Bridge"'),
      'widget.name is a way into i18n',
    ],
    [
      'the version is none',
      () => replaced('manifest.json', '"1.0.0"', '"new"'),
      'widget.version is',
    ],
    [
      'the interface is the old one',
      () => replaced('manifest.json', '_version": 2', '_version": 1'),
      'widget.interface_version is 2',
    ],
    [
      'a flag is a word',
      () => replaced('manifest.json', '"installation": true', '"installation": "yes"'),
      'widget.installation is true or false',
    ],
    [
      'nobody gives support',
      () => replaced('manifest.json', 'support@example.com', ''),
      'widget.support has a link',
    ],
    [
      'a language is not amoCRM’s',
      () => replaced('manifest.json', '["ru", "en"]', '["ru", "en", "xx"]'),
      'widget.locale: no xx',
    ],
    [
      'a language is not in the manifest',
      () => replaced('manifest.json', '["ru", "en"]', '["ru"]'),
      'i18n/en.json is in no widget.locale',
    ],
    [
      'there is no language',
      () => replaced('manifest.json', '["ru", "en"]', '[]'),
      'widget.locale lists the languages',
    ],
    [
      'a field is made up',
      () => replaced('manifest.json', '"type": "text"', '"type": "colour"'),
      'settings.bridge_url.type',
    ],
    [
      'a field may or may not be',
      () => replaced('manifest.json', '"required": true', '"required": 1'),
      'settings.bridge_url.required',
    ],
    [
      'there are no settings',
      () => replaced('manifest.json', '"settings": {', '"other": {'),
      'settings is missing',
    ],
    [
      'there is no tour',
      () => replaced('manifest.json', '"is_tour": true', '"is_tour": false'),
      'tour.is_tour is true',
    ],
    [
      'the tour lies elsewhere',
      () => replaced('manifest.json', '"/images/tour_1_ru.png"', '"tour_1_ru.png"'),
      'begins with /images/',
    ],
    [
      'a language has no tour',
      () => replaced('manifest.json', '"en": [', '"es": ['),
      'tour.tour_images.en lists pictures',
    ],
    [
      'the manifest names a word that is not there',
      () => replaced('manifest.json', '"settings.bridge_url"', '"settings.other"'),
      'settings.other is missing',
    ],
    [
      'a language lacks a word',
      () => replaced('i18n/en.json', '"yes"', '"yep"'),
      'i18n/en.json: lines.yes is missing',
    ],
    [
      'a language has a word more',
      () => replaced('i18n/en.json', '"yes"', '"yep"'),
      'i18n/ru.json: lines.yep is missing',
    ],
    [
      'a word is empty',
      () => replaced('i18n/en.json', '"Working…"', '""'),
      'lines.working is empty',
    ],
    [
      'a word is no text',
      () => replaced('i18n/en.json', '"Working…"', '7'),
      'lines.working is no text',
    ],
    [
      'an English word is Russian',
      () => replaced('i18n/en.json', 'Working', 'Идёт'),
      'i18n/en.json: lines.working is not English',
    ],
    [
      'a Russian word is English',
      () => replaced('i18n/ru.json', 'Выполняется', 'Working'),
      'i18n/ru.json: lines.working is not Russian',
    ],
    [
      'an English word names a .ru address',
      () => replaced('i18n/en.json', 'bridge.example.com', 'bridge.ru'),
      'names a .ru address',
    ],
    [
      'the name says amoCRM',
      () => replaced('i18n/ru.json', 'Мост edna Pulse', 'Мост amoCRM'),
      'widget.name must not have "amo" in it',
    ],
    [
      'amoCRM is written otherwise',
      () => replaced('i18n/ru.json', 'Обновите её', 'Обновите AmoCRM, amocrm'),
      'the name is written "amoCRM"',
    ],
    [
      'the script names an address',
      script('const u = "https://x.test";'),
      'script.js names an address',
    ],
    ['the script asks with a window', script('confirm("?");'), 'script.js opens a window'],
    ['the script runs text', script('eval("1");'), 'script.js runs text as code'],
    [
      'the script writes to the console',
      script('console.log(1);'),
      'script.js writes to the console',
    ],
    ['the script stops', script('debugger;'), 'script.js stops for a debugger'],
    [
      'the script lets the page wait',
      script('const a = { async: false };'),
      'script.js asks and lets the page wait',
    ],
    [
      'the script loads another',
      script("document.createElement('script');"),
      'script.js loads a script',
    ],
    [
      'the script writes HTML',
      script('$place.html(said);'),
      'script.js writes what others say as HTML',
    ],
    ['the script takes the old name', script('AMOCRM.constant("user");'), 'script.js takes AMOCRM'],
    ['the script cannot be read', script('const = 1;'), 'script.js cannot be read'],
    [
      'the script names a word that is not there',
      script('words.nothing;'),
      'script.js names lines.nothing',
    ],
    [
      'a callback is missing',
      () => replaced('script.js', 'onSave: function', 'onStore: function'),
      'script.js has no callback onSave',
    ],
    [
      'the script is no module',
      () => replaced('script.js', 'define([', 'ready(['),
      'script.js begins with define([',
    ],
    [
      'styles reach beyond the widget',
      () => replaced('style.css', '.edna-bridge .edna-bridge__line', '.edna-bridge__line'),
      'style.css: .edna-bridge__line reaches beyond',
    ],
    [
      'styles load something',
      () => replaced('style.css', 'inherit', 'url(x.png)'),
      'style.css loads something',
    ],
  ])('%s', (_, files, problem) => {
    expect(problemsOf(files())).toContainEqual(expect.stringContaining(problem));
  });
});

describe('npm run widget', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-widget-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const env = { PATH: process.env['PATH'], ...environment };
    return new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const path = join(ROOT, 'widget/main.ts');
      execFile(process.execPath, [path, ...words], { env, cwd: folder }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });
  }
  const built = (name: string) => readFileSync(join(folder, name));

  it(
    'makes an archive with the files at its top, the same everywhere',
    async () => {
      const west = await run(['--out=west.zip'], { TZ: 'America/Los_Angeles' });
      expect(west).toMatchObject({ code: 0, out: expect.stringContaining('west.zip') });
      await run(['--out=east.zip'], { TZ: 'Asia/Vladivostok' });
      expect(built('west.zip').equals(built('east.zip'))).toBe(true);
      const inside = unzipSync(built('west.zip'));
      const files = readWidget();
      expect(Object.keys(inside)).toEqual([...files.keys()]);
      for (const [name, bytes] of files)
        expect(Buffer.from(inside[name]!).equals(bytes)).toBe(true);
    },
    START_MS,
  );

  it.each([
    ['help@example.test', { email: 'help@example.test' }],
    ['https://help.example.test/', { link: 'https://help.example.test/' }],
  ])(
    'writes who gives support into it: %s',
    async (support, expected) => {
      expect(await run(['--out=a.zip', `--support=${support}`])).toMatchObject({
        code: 0,
        err: '',
      });
      const { 'manifest.json': manifest } = unzipSync(built('a.zip'));
      expect(JSON.parse(textOf(manifest))).toMatchObject({ widget: { support: expected } });
    },
    START_MS,
  );

  it(
    'only checks when told so, and makes nothing of a widget with mistakes',
    async () => {
      expect(await run(['--check', '--out=a.zip'])).toMatchObject({ code: 0 });
      writeFileSync(join(folder, 'manifest.json'), '{}');
      const bad = await run([`--source=${folder}`, '--out=a.zip']);
      expect(bad).toMatchObject({ code: 1, err: expect.stringContaining('script.js is missing') });
      expect(() => built('a.zip')).toThrow('ENOENT');
      expect(await run(['--support=nobody', '--out=a.zip'])).toMatchObject({ code: 1 });
      expect(await run(['--paint'])).toMatchObject({ code: 2 });
    },
    START_MS,
  );
});
