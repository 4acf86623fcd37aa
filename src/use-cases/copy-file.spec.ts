import { aFile, anOpened, FakeFiles, FakeSource, FakeStore } from '../../test/fakes/media.js';
import { MediaFault, type CopyWork } from '../domain/media.js';
import { CopyFile } from './copy-file.js';

const expiresAt = new Date('2026-02-10T09:20:41Z');
const file = aFile();
const url = file.content?.attachment.url ?? '';

describe('copying a client’s file', () => {
  let files: FakeFiles;
  let store: FakeStore;
  let source: FakeSource;
  beforeEach(() => {
    files = new FakeFiles();
    store = new FakeStore();
    source = new FakeSource();
    source.files.set(url, anOpened('picture'));
  });

  const copy = (work: Partial<CopyWork> = {}, around: { now?: Date; signal?: AbortSignal } = {}) =>
    new CopyFile(files, store, source).execute(
      { file, tries: 1, expiresAt, ...work },
      {
        now: new Date('2026-02-03T09:21:00Z'),
        jitter: 0.5,
        signal: new AbortController().signal,
        ...around,
      },
    );

  it('ends with the copy', async () => {
    expect(await copy()).toEqual({ outcome: 'copied' });
    expect(store.kept.get(7)).toBe('picture');
    expect(files).toMatchObject({ ended: [7], putOff: [] });
  });

  it.each(['gone', 'unreachable', 'too-slow'] as const)(
    'is repeated later and later while its source is %s',
    async (trouble) => {
      source.files.set(url, new MediaFault(trouble));
      expect(await copy()).toMatchObject({ outcome: 'put-off', fault: { trouble } });
      await copy({ tries: 8 });
      expect(files.ended).toEqual([]);
      const [first, later] = files.putOff.map(({ afterMs }) => afterMs);
      expect(later).toBeGreaterThan(first ?? Infinity);
    },
  );

  it('is repeated when there is no room for it', async () => {
    store.fails = new MediaFault('no-room');
    expect(await copy()).toMatchObject({ outcome: 'put-off', fault: { trouble: 'no-room' } });
    expect(files.ended).toEqual([]);
  });

  it.each(['too-large', 'refused'] as const)('is given up where it is %s', async (trouble) => {
    source.files.set(url, new MediaFault(trouble));
    expect(await copy()).toMatchObject({ outcome: 'given-up', fault: { trouble } });
    expect(files.ended).toEqual([7]);
  });

  it('is given up where it turns out to be too large on its way', async () => {
    async function* tooLarge(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new MediaFault('too-large');
    }
    source.files.set(url, anOpened('', { bytes: tooLarge() }));
    expect(await copy()).toMatchObject({ outcome: 'given-up', fault: { trouble: 'too-large' } });
    expect(store.kept.size).toBe(0);
  });

  it('is given up when its link has expired', async () => {
    expect(await copy({}, { now: expiresAt })).toMatchObject({ outcome: 'given-up' });
    expect(files.ended).toEqual([7]);
    expect(source.asked).toEqual([]);
  });

  it('keeps nothing that came in part, or packed', async () => {
    for (const odd of [anOpened('pict', { status: 206 }), anOpened('xyz', { encoding: 'gzip' })]) {
      source.files.set(url, odd);
      expect(await copy()).toMatchObject({ outcome: 'put-off' });
    }
    expect(store.kept.size).toBe(0);
  });

  it('is due at once where the process was told to end', async () => {
    source.files.set(url, new MediaFault('unreachable'));
    await copy({ tries: 8 }, { signal: AbortSignal.abort() });
    expect(files.putOff).toEqual([{ messageId: 7, afterMs: 0 }]);
  });
});
