import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addName, flush, takeNewName } from './whole-files.js';

let folder: string;
let made: string;
let name: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-whole-'));
  made = join(folder, 'made');
  name = join(folder, 'name');
  writeFileSync(made, 'whole');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file system where a file has one name, such as exFAT or many network shares. */
const noLinks = () => {
  throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
};

describe.each([
  ['with hard links', undefined],
  ['without them', noLinks],
])('on a file system %s', (_, link) => {
  it('a file takes a new name', () => {
    takeNewName(made, name, link);
    expect(readFileSync(name, 'utf8')).toBe('whole');
    expect(existsSync(made)).toBe(false);
  });

  it('a file gets a second name', () => {
    addName(made, name, link);
    expect([made, name].map((one) => readFileSync(one, 'utf8'))).toEqual(['whole', 'whole']);
  });

  it.each([
    ['taking one', takeNewName],
    ['getting a second one', addName],
  ])('%s, it leaves a name to whoever has it', (_way, give) => {
    writeFileSync(name, 'before');
    expect(() => give(made, name, link)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(readFileSync(name, 'utf8')).toBe('before');
    expect(readFileSync(made, 'utf8')).toBe('whole');
  });

  it.each([
    ['taking one', takeNewName],
    ['getting a second one', addName],
  ])('%s, it leaves no half of a file', (_way, give) => {
    rmSync(made);
    expect(() => give(made, name, link)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(existsSync(name)).toBe(false);
  });
});

it('Windows, which opens no folder, is not asked to sync one', () => {
  expect(() => flush(folder, 'win32')).not.toThrow();
  flush(made, 'win32');
  flush(folder, 'linux');
});
