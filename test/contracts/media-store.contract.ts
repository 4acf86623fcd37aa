import { inboundSourceId } from '../../src/domain/ids.js';
import { MediaFault, type MediaStore } from '../../src/domain/media.js';
import { aFile, anOpened, bytesOf } from '../fakes/media.js';

export interface MediaStoreHarness {
  readonly store: MediaStore;
  /** All that lies there, what is unfinished as well. */
  names(): string[];
  /** Makes what lies under this name look so old. */
  age(name: string, days: number): void;
  /** What a process leaves behind that dies while it keeps a file. @returns its name */
  leaveHalf(name: string): string;
  /** Something that is not the bridge's. */
  leaveForeign(): string;
  /** Nothing can be kept from now on. */
  refuse(): void;
  close(): Promise<void>;
}

/** More than what a store takes in one piece. */
const LARGE = Buffer.alloc(6 * 1024 * 1024, 'The quick brown fox jumps over it. ');

async function* inPieces(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* breaking(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes);
  throw new MediaFault('too-slow');
}

/** What every place for copies promises. */
export function describeMediaStore(name: string, open: () => Promise<MediaStoreHarness>): void {
  describe(`a place for copies: ${name}`, () => {
    let harness: MediaStoreHarness;
    let store: MediaStore;
    beforeEach(async () => {
      harness = await open();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    async function textOf(file = aFile(), range?: string): Promise<string | undefined> {
      const opened = await store.open(file, range);
      return opened && (await bytesOf(opened)).toString();
    }
    const keep = (text: string, file = aFile()) => store.keep(file, anOpened(text).bytes);

    it('gives back what it was given, whole and in part, and nothing for what it was not', async () => {
      expect(await textOf()).toBeUndefined();
      await keep('abcdef');
      expect(await textOf()).toBe('abcdef');
      expect(await textOf(aFile(), 'bytes=1-2')).toBe('bc');
      expect(await textOf(aFile(), 'bytes=4-')).toBe('ef');
      expect(await textOf(aFile(), 'bytes=-1')).toBe('f');
      await keep('');
      expect(await textOf()).toBe('');
    });

    it('says how much comes, and of what', async () => {
      await keep('abcdef');
      const whole = await store.open(aFile());
      expect(whole).toMatchObject({ status: 200, sizeBytes: 6, acceptsRanges: true });
      expect(whole).not.toHaveProperty('range');
      whole?.close();
      const part = await store.open(aFile(), 'bytes=4-99');
      expect(part).toMatchObject({ status: 206, sizeBytes: 2, range: 'bytes 4-5/6' });
      part?.close();
      const none = await store.open(aFile(), 'bytes=6-');
      expect(none).toMatchObject({ status: 416, sizeBytes: 0, range: 'bytes */6' });
      none?.close();
    });

    it.each(['bytes=0-1,4-5', 'bytes=5-4', 'lines=0-1', 'bytes=-'])(
      'sends all of it where no single range of bytes is asked for: %s',
      async (range) => {
        await keep('abcdef');
        expect(await textOf(aFile(), range)).toBe('abcdef');
      },
    );

    it('gives back a large file byte for byte, and parts out of its middle', async () => {
      await store.keep(aFile(), inPieces(LARGE));
      const whole = await store.open(aFile());
      expect(whole && LARGE.equals(await bytesOf(whole))).toBe(true);
      const part = await store.open(aFile(), `bytes=${5 * 1024 ** 2 - 3}-${5 * 1024 ** 2 + 2}`);
      const middle = LARGE.subarray(5 * 1024 ** 2 - 3, 5 * 1024 ** 2 + 3);
      expect(part && middle.equals(await bytesOf(part))).toBe(true);
      expect(harness.names()).toHaveLength(1);
    });

    it('does not take a file of another journal for its own, whose row has the same number', async () => {
      await keep('ours');
      expect(await textOf(aFile({ sourceId: inboundSourceId('71844', '2') }))).toBeUndefined();
      expect(await textOf(aFile({ direction: 'outbound' }))).toBeUndefined();
    });

    it.each([
      ['soon', Buffer.from('half')],
      ['late', LARGE],
    ])(
      'has nothing of a file whose source broke off %s, and what it had stays',
      async (_, bytes) => {
        await keep('before');
        const broken = store.keep(aFile(), breaking(bytes));
        await expect(broken).rejects.toMatchObject({ name: 'MediaFault', trouble: 'too-slow' });
        expect(await textOf()).toBe('before');
        expect(harness.names()).toHaveLength(1);
      },
    );

    it('serves nothing of a file that a crash left behind', async () => {
      await keep('whole', aFile({ messageId: 8 }));
      const [other = ''] = harness.names();
      harness.leaveHalf(other.replace('inbound-8-', 'inbound-7-'));
      expect(await textOf()).toBeUndefined();
    });

    it('says that there is no room where nothing can be kept', async () => {
      harness.refuse();
      await expect(keep('x')).rejects.toMatchObject({ name: 'MediaFault', trouble: 'no-room' });
      await expect(store.keep(aFile(), inPieces(LARGE))).rejects.toMatchObject({
        trouble: 'no-room',
      });
    });

    it('lets the source go where nothing can be kept', async () => {
      harness.refuse();
      let isLetGo = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          yield* inPieces(LARGE);
        } finally {
          isLetGo = true;
        }
      }
      const bytes = source();
      await expect(store.keep(aFile(), bytes)).rejects.toThrow(MediaFault);
      // One that was not begun cannot say so; it has nothing to let go either.
      const { done } = await bytes.next();
      expect(isLetGo || done !== true).toBe(true);
    });

    it('forgets copies after their days and what broke off after an hour, and nothing that is not its own', async () => {
      await store.prune(30);
      await keep('old');
      await keep('young', aFile({ messageId: 8 }));
      const old = harness.names().find((one) => one.includes('inbound-7-')) ?? '';
      const broken = harness.leaveHalf(old);
      const writing = harness.leaveHalf(old.replace('inbound-7-', 'inbound-9-'));
      const foreign = harness.leaveForeign();
      harness.age(old, 31);
      harness.age(broken, 0.1);
      harness.age(foreign, 99);
      await store.prune(30);
      expect(await textOf()).toBeUndefined();
      expect(await textOf(aFile({ messageId: 8 }))).toBe('young');
      const left = [expect.stringContaining('inbound-8-'), foreign, writing];
      expect(harness.names()).toHaveLength(left.length);
      expect(harness.names()).toEqual(expect.arrayContaining(left));
    });

    it('stops when it is told to, and keeps nothing of the file', async () => {
      const stop = new AbortController();
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (;;) {
          yield Buffer.alloc(1024 * 1024);
          if (stop.signal.aborted) throw new MediaFault('unreachable');
          setImmediate(() => stop.abort());
          await new Promise(setImmediate);
        }
      }
      const kept = store.keep(aFile(), endless(), stop.signal);
      await expect(kept).rejects.toBeInstanceOf(MediaFault);
      expect(harness.names()).toEqual([]);
    });
  });
}
