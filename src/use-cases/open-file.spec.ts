import { aLine } from '../../test/builders.js';
import {
  aFile,
  anOpened,
  bytesOf,
  FakeFiles,
  FakeLinks,
  FakeSource,
  FakeStore,
} from '../../test/fakes/media.js';
import { markOf } from '../domain/ids.js';
import { MediaFault, type FiledFile } from '../domain/media.js';
import { OpenFile } from './open-file.js';

const TOKEN = 'inbound-7';
const url = aFile().content?.attachment.url ?? '';

describe('opening a file', () => {
  let links: FakeLinks;
  let files: FakeFiles;
  let store: FakeStore;
  let source: FakeSource;
  beforeEach(() => {
    links = new FakeLinks();
    files = new FakeFiles();
    store = new FakeStore();
    source = new FakeSource();
    source.files.set(url, anOpened('of edna'));
    name(aFile());
  });

  /** A link leads to it. */
  function name(file: FiledFile): void {
    const { messageId, direction, sourceId } = file;
    links.links.set(TOKEN, { messageId, mark: markOf(sourceId), direction, line: aLine() });
    files.files.set(messageId, file);
  }
  const open = () => new OpenFile(links, files, store, source).execute(TOKEN, 'scratch.webp', {});
  const text = async () => (await bytesOf(await open())).toString();

  it('brings the copy, and the file itself while there is none', async () => {
    expect(await text()).toBe('of edna');
    store.kept.set(7, 'of ours');
    expect(await text()).toBe('of ours');
    expect(source.asked).toEqual([url]);
  });

  it('brings the file itself while nobody can tell whether there is a copy', async () => {
    store.away = new MediaFault('unreachable', 'the store');
    expect(await text()).toBe('of edna');
  });

  it.each(['gone', 'unreachable'] as const)(
    'does not call a file gone that is %s at its source while there may be a copy',
    async (trouble) => {
      source.files.set(url, new MediaFault(trouble, 'the source'));
      await expect(open()).rejects.toMatchObject({ message: 'the source' });
      store.away = new MediaFault('unreachable', 'the store');
      await expect(open()).rejects.toMatchObject({ trouble: 'unreachable', message: 'the store' });
    },
  );

  it('does not call a forgotten file gone while there may be a copy', async () => {
    const { content: _, ...forgotten } = aFile();
    name(forgotten);
    await expect(open()).rejects.toMatchObject({ trouble: 'gone' });
    store.away = new MediaFault('too-slow');
    await expect(open()).rejects.toMatchObject({ trouble: 'too-slow' });
  });

  it('does not look for a copy of a manager’s file, which is never made', async () => {
    name(aFile({ direction: 'outbound' }));
    expect(await text()).toBe('of edna');
    expect(store.asked).toBe(0);
  });
});
