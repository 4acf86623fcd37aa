import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { describeMediaStore } from '../../../test/contracts/media-store.contract.js';
import { aFile, anOpened, bytesOf } from '../../../test/fakes/media.js';
import { S3Server, type S3Trouble } from '../../../test/s3/s3-server.js';
import { MediaFault } from '../../domain/media.js';
import type { Bucket } from '../../domain/settings.js';
import { MediaLimits } from './media-limits.js';
import { S3Store } from './s3-store.js';

const DAY_MS = 24 * 60 * 60_000;
const SAID_NO = { how: { status: 403, code: 'AccessDenied' } } as const;

describeMediaStore('a bucket', async () => {
  const server = await S3Server.start();
  const { kept } = server;
  const store = new S3Store(server.bucket());
  return {
    store,
    names: () => [...server.keys(), ...kept.uploads.keys()],
    age: (name, days) => {
      const found = kept.objects.get(name) ?? kept.uploads.get(name);
      if (found) found.at = new Date(Date.now() - days * DAY_MS);
    },
    leaveHalf: (name) => begun(server, name),
    leaveForeign: () => {
      kept.put('bridge/inbound-notes.txt', NOTHING);
      return 'bridge/inbound-notes.txt';
    },
    refuse: () => {
      server.trouble = { how: { status: 507, code: 'QuotaExceeded' } };
    },
    close: async () => {
      store.onApplicationShutdown();
      await server.stop();
      expect(server.refused).toEqual([]);
    },
  };
});

const NOTHING = { path: '/dev/null', sizeBytes: 0, sha256: '', etag: '"x"' };

/** An upload of an object, named so that its end can be told from that of another. */
function begun({ kept }: S3Server, key: string): string {
  const id = kept.begin(key);
  const upload = kept.uploads.get(id);
  const name = `${key}.${id}`;
  kept.uploads.delete(id);
  if (upload) kept.uploads.set(name, { ...upload, id: name });
  return name;
}

/** Three parts, and more than what lies between a server and whoever reads slowly. */
const LARGE_BYTES = 11 * 1024 * 1024;
/** The least that comes in parts, and not in one request. */
const IN_PARTS_BYTES = 5 * 1024 * 1024 + 64 * 1024;

async function* large(bytes = LARGE_BYTES): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= 64 * 1024) yield Buffer.alloc(64 * 1024, 1);
}

describe('a bucket of copies', () => {
  let server: S3Server;
  let stores: S3Store[];
  beforeEach(async () => {
    server = await S3Server.start();
    stores = [];
  });
  afterEach(async () => {
    for (const store of stores) store.onApplicationShutdown();
    await server.stop();
  });

  function aStore(limits: Partial<MediaLimits> = {}, of: Partial<Bucket> = {}): S3Store {
    const store = new S3Store(server.bucket(of), new MediaLimits(limits));
    stores.push(store);
    return store;
  }
  const keep = (store = aStore()) => store.keep(aFile(), anOpened('abcdef').bytes);
  const keepLarge = (store = aStore()) => store.keep(aFile(), large());
  const keepInParts = (store = aStore()) => store.keep(aFile(), large(IN_PARTS_BYTES));

  it('has them in its folder', async () => {
    await keep(aStore({}, { prefix: 'a/b/' }));
    await keep(aStore({}, { prefix: '' }));
    expect(server.keys()).toEqual([
      expect.stringMatching(/^a\/b\/inbound-7-\w{32}$/),
      expect.stringMatching(/^inbound-7-\w{32}$/),
    ]);
  });

  it('takes a small file in one request and a large one in parts, one after the other', async () => {
    await keep();
    expect(server.asked).toEqual(['put']);
    await keepLarge();
    expect(server.asked.slice(1)).toEqual(['create', 'part', 'part', 'part', 'complete']);
    expect(server.refused).toEqual([]);
  });

  describe.each<[string, S3Trouble['how'], string]>([
    ['is busy', { status: 503, code: 'SlowDown' }, 'unreachable'],
    ['refuses us', { status: 403, code: 'AccessDenied' }, 'unreachable'],
    ['has lost the bucket', { status: 404, code: 'NoSuchBucket' }, 'unreachable'],
    ['cuts the connection', 'reset', 'unreachable'],
    ['does not answer', 'stall', 'too-slow'],
  ])('whose server %s', (_, how, trouble) => {
    const short = how === 'stall' ? { storeMs: 150, idleMs: 150 } : {};

    // Chance alone says how long the SDK waits before its one repeat, up to half a second.
    const { random } = Math;
    beforeEach(() => {
      Math.random = () => 0;
    });
    afterEach(() => {
      Math.random = random;
    });

    it('never says that there is no copy', async () => {
      await keep();
      server.trouble = { how };
      const opened = aStore(short)
        .open(aFile())
        .then((file) => file && bytesOf(file));
      await expect(opened).rejects.toMatchObject({ name: 'MediaFault', trouble });
    });

    it.each(['put', 'create', 'part', 'complete'] as const)(
      'in the middle, at %s, keeps nothing, and leaves nothing behind',
      async (at) => {
        server.trouble = { at, how };
        const kept = at === 'put' ? keep(aStore(short)) : keepInParts(aStore(short));
        await expect(kept).rejects.toMatchObject({ name: 'MediaFault', trouble: 'no-room' });
        expect(server.keys()).toEqual([]);
        expect(server.kept.uploads.size).toBe(0);
      },
    );

    it('is told apart from an old copy that is not there when copies are removed', async () => {
      await keep();
      server.trouble = { at: 'list', how };
      const pruned = aStore(short).prune(0);
      await expect(pruned).rejects.toMatchObject({ name: 'MediaFault', trouble: 'unreachable' });
      expect(server.keys()).toHaveLength(1);
    });
  });

  it('that is not there is unreachable, and there again when it is back', async () => {
    const store = aStore();
    await keep(store);
    await server.goAway();
    await expect(store.open(aFile())).rejects.toMatchObject({ trouble: 'unreachable' });
    await expect(keep(store)).rejects.toMatchObject({ trouble: 'no-room' });
    await server.comeBack();
    expect((await store.open(aFile()))?.sizeBytes).toBe(6);
  });

  it('keeps nothing where it says so only after it began to say that all is well', async () => {
    server.trouble = { at: 'complete', how: 'late-error' };
    await expect(keepInParts()).rejects.toMatchObject({ trouble: 'no-room' });
    expect(server.kept.uploads.size).toBe(0);
  });

  it('is named for its own fault, and not the source that it lets go', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* large();
      } catch (error) {
        throw new MediaFault('unreachable', 'the source', error);
      }
    }
    server.trouble = { ...SAID_NO, at: 'part' };
    const kept = aStore().keep(aFile(), source());
    await expect(kept).rejects.toMatchObject({ message: 'the bucket: AccessDenied' });
  });

  it('names its refusal by the code alone', async () => {
    server.trouble = SAID_NO;
    await expect(keep()).rejects.toMatchObject({ message: 'the bucket: AccessDenied' });
    await expect(aStore().open(aFile())).rejects.toMatchObject({
      message: 'the bucket: AccessDenied',
    });
  });

  it.each([
    ['another key', { accessKeyId: 'other' }, 'InvalidAccessKeyId'],
    ['another secret', { secretAccessKey: 'other' }, 'SignatureDoesNotMatch'],
    ['another region', { region: 'us-east-1' }, 'AuthorizationHeaderMalformed'],
    ['another bucket', { name: 'somebody-elses' }, 'NoSuchBucket'],
  ])('is not reached with %s, and says why', async (_, of, code) => {
    await expect(keep(aStore({}, of))).rejects.toMatchObject({ message: `the bucket: ${code}` });
  });

  it('ends a file that stops coming out of it', async () => {
    await keepLarge();
    server.trouble = { at: 'get', how: 'stall-midway' };
    const file = await aStore({ idleMs: 100 }).open(aFile());
    await expect(file && bytesOf(file)).rejects.toMatchObject({ trouble: 'too-slow' });
  });

  it('does not count the time of whoever reads', async () => {
    await keepLarge();
    const store = aStore({ idleMs: 100 });
    const file = await store.open(aFile());
    const bytes = file?.bytes[Symbol.asyncIterator]();
    let got = await bytes?.next();
    server.trouble = { at: 'get', how: 'stall-midway' };
    for (let pauses = 0; pauses < 3; pauses += 1) {
      const stopped = await store.open(aFile());
      await expect(stopped && bytesOf(stopped)).rejects.toMatchObject({ trouble: 'too-slow' });
    }
    let size = 0;
    for (; got?.done === false; got = await bytes?.next()) size += got.value.length;
    expect(size).toBe(LARGE_BYTES);
  });

  it('gives a copy to each of many readers at once, though none of them goes on', async () => {
    const store = aStore();
    await keep(store);
    const many = Array.from({ length: 60 }, () => store.open(aFile()));
    const opened = await Promise.all(many);
    expect(opened.map((file) => file?.sizeBytes)).toEqual(many.map(() => 6));
    for (const file of opened) file?.close();
  });

  it('is not waited for when the process is told to end, though it hangs', async () => {
    server.trouble = { at: 'part', how: 'stall' };
    const stop = new AbortController();
    const kept = aStore({ takeBackMs: 50 }).keep(aFile(), large(), stop.signal);
    const ended = expect(kept).rejects.toMatchObject({ trouble: 'no-room' });
    await server.isAsked('part');
    stop.abort();
    await ended;
    expect(server.asked).toEqual(['create', 'part']);
  });

  describe('with many copies', () => {
    const put = (id: number, at: Date) => {
      const key = `bridge/inbound-${id}-${'0'.repeat(32)}`;
      server.kept.put(key, NOTHING);
      Object.assign(server.kept.objects.get(key) ?? {}, { at });
    };
    const left = () => server.keys().map((key) => Number(key.split('-')[1]));
    const old = new Date(0);

    it('is looked through page by page, where unfinished uploads cannot be listed as well', async () => {
      for (let id = 10; id < 35; id += 1) put(id, id === 14 || id === 23 ? new Date() : old);
      server.pageKeys = 4;
      server.trouble = { at: 'list-uploads', how: { status: 501, code: 'NotImplemented' } };
      await aStore().prune(30);
      expect(left()).toEqual([14, 23]);
    });

    it('is looked through so far in one round, and farther in the next', async () => {
      for (let id = 10; id < 35; id += 1) put(id, id < 30 ? new Date() : old);
      server.pageKeys = 1;
      const store = aStore();
      await store.prune(30);
      expect(left()).toHaveLength(25);
      await store.prune(30);
      expect(left()).toHaveLength(20);
      put(10, old);
      await store.prune(30);
      expect(left()).toHaveLength(19);
    });

    it('is rid of all that it lets go where one is held, and says so', async () => {
      for (let id = 10; id < 20; id += 1) put(id, old);
      const outbound = `bridge/outbound-7-${'0'.repeat(32)}`;
      server.kept.put(outbound, NOTHING);
      Object.assign(server.kept.objects.get(outbound) ?? {}, { at: old });
      server.pageKeys = 4;
      const [held = ''] = server.keys();
      server.trouble = { ...SAID_NO, at: 'delete', key: held };
      await expect(aStore().prune(30)).rejects.toMatchObject({
        message: 'the bucket: AccessDenied',
      });
      expect(server.keys()).toEqual([held]);
    });

    it('is rid of the rest in the next round where one failed', async () => {
      for (let id = 10; id < 20; id += 1) put(id, old);
      const store = aStore();
      server.trouble = { at: 'delete', how: { status: 503, code: 'SlowDown' } };
      await expect(store.prune(30)).rejects.toMatchObject({ message: 'the bucket: SlowDown' });
      delete server.trouble;
      await store.prune(30);
      expect(left()).toEqual([]);
    });
  });

  it('takes and gives a file of 100 MB without its being held in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const bytes = 100 * 1024 * 1024;
    let most = 0;
    let passed = 0;
    const look = (size: number): void => {
      const before = Math.floor(passed / (25 * 1024 * 1024));
      passed += size;
      if (Math.floor(passed / (25 * 1024 * 1024)) === before) return;
      collect();
      most = Math.max(most, process.memoryUsage.rss());
    };
    async function* huge(): AsyncGenerator<Uint8Array> {
      for (let left = bytes; left > 0; left -= 64 * 1024) {
        look(64 * 1024);
        yield Buffer.alloc(64 * 1024, 7);
      }
    }
    const store = aStore();
    await keepLarge(store);
    collect();
    const before = process.memoryUsage.rss();
    await store.keep(aFile(), huge());
    const file = await store.open(aFile());
    for await (const piece of file?.bytes ?? []) look(piece.length);
    expect(passed).toBe(2 * bytes);
    expect((most - before) / 1024 / 1024).toBeLessThan(60);
  });
});
