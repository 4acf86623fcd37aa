import { aFile, anOpened, FakeFiles, FakeSource, FakeStore } from '../../../test/fakes/media.js';
import { KeptLog } from '../../../test/fakes/log.ts';
import { HandAlarm } from '../../../test/fakes/alarm.ts';
import { MediaFault, type CopyWork } from '../../domain/media.js';
import { Settings } from '../../domain/settings.js';
import { CopyFile } from '../../use-cases/copy-file.js';
import { DispatcherMode } from '../dispatcher/dispatcher.js';
import { Copier } from './copier.js';

/** Files of which some are due. */
class DueFiles extends FakeFiles {
  readonly due: CopyWork[] = [];
  asked = 0;

  override claimCopies(most: number): Promise<readonly CopyWork[]> {
    this.asked += 1;
    return Promise.resolve(this.due.splice(0, most));
  }
}

const MINUTE_MS = 60_000;
const expiresAt = new Date('2099-01-01T00:00:00Z');

describe('the copier', () => {
  let files: DueFiles;
  let store: FakeStore;
  let source: FakeSource;
  let alarm: HandAlarm;
  let log: KeptLog;
  beforeEach(() => {
    files = new DueFiles();
    store = new FakeStore();
    source = new FakeSource();
    alarm = new HandAlarm(() => files.asked + files.ended.length + files.putOff.length);
    log = KeptLog.begin();
  });

  function begin(
    publicUrl: string | undefined = 'https://x.test',
    mode: 'at work' | 'at rest' = 'at work',
  ) {
    const copyFile = new CopyFile(files, store, source);
    const settings = new Settings({ publicUrl: publicUrl || undefined });
    const copier = new Copier(files, copyFile, settings, alarm, new DispatcherMode(mode), store);
    copier.onApplicationBootstrap();
    return copier;
  }
  function due(messageId: number): void {
    const url = `https://files.example.test/${messageId}.webp?Expires=1`;
    const file = aFile({ messageId, content: { kind: 'picture', attachment: { url } } });
    source.files.set(url, anOpened(`file ${messageId}`));
    files.due.push({ file, tries: 1, expiresAt });
  }

  it('copies what is due, however much it is, and looks again and again', async () => {
    for (let id = 1; id <= 7; id += 1) due(id);
    begin();
    await alarm.pass(MINUTE_MS);
    expect([...store.kept.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    due(8);
    await alarm.pass(MINUTE_MS);
    expect(files.ended.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('names what it could not copy by its number alone, and goes on', async () => {
    due(1);
    due(2);
    source.files.set('https://files.example.test/1.webp?Expires=1', new MediaFault('gone'));
    begin();
    await alarm.pass(MINUTE_MS);
    expect(files).toMatchObject({ ended: [2], putOff: [{ messageId: 1 }] });
    expect(log.text).toContain('gone');
    expect(log.text).not.toContain('files.example.test');
  });

  it.each([
    ['where there is no PUBLIC_URL', '', 'at work'],
    ['in a command', 'https://x.test', 'at rest'],
  ] as const)('does nothing %s', async (_, publicUrl, mode) => {
    due(1);
    begin(publicUrl, mode);
    await alarm.pass(MINUTE_MS);
    expect(files.asked).toBe(0);
  });

  it('stops when the process is told to end', async () => {
    const copier = begin();
    await copier.beforeApplicationShutdown();
    due(1);
    await alarm.pass(MINUTE_MS);
    expect(store.kept.size).toBe(0);
  });
});
