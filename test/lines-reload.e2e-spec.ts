import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../sandbox/sandbox.ts';
import { ChildBridge } from './child-bridge.js';
import { lineAt, linesFile, numbers } from './lines.js';

const VERA = '79995550142';

describe('a running bridge', () => {
  it('told to read its lines again takes a whole file, and of half a one nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-lines-'));
    const file = join(folder, 'lines.yaml');
    const sandbox = await startSandbox({
      edna: numbers(71844, 71845),
      amojo: { connected: true },
    });
    const one = lineAt(sandbox, { edna: { channels: [71844] }, amocrm: { source: 'one' } });
    const two = lineAt(sandbox, { edna: { channels: [71845] }, amocrm: { source: 'two' } });
    writeFileSync(file, linesFile(one));
    const child = await ChildBridge.start(sandbox, {
      LINES_FILE: file,
      ADMIN_TOKEN: 'spec-admin-token',
    });
    try {
      const whole = linesFile(one, two);
      writeFileSync(file, whole.slice(0, whole.length / 2));
      child.hangUp();
      const refused = await child.says('lines not read');
      expect(refused).toMatch(/LINES_FILE line \d+, column \d+: /);
      expect(refused).not.toContain(sandbox.amojo.settings.channelSecret);
      await sandbox.client(VERA).writes('Ещё работает?', { channel: 'wa_71844' });
      await sandbox.until(() => sandbox.chats.length === 1);

      writeFileSync(file, whole);
      // A storm of signals: those that come before a reading begins are one.
      for (let times = 0; times < 20; times += 1) child.hangUp();
      expect(await child.says('lines read')).toContain('"lines":2');
      await sandbox.client(VERA).writes('А вторая?', { channel: 'wa_71845' });
      await sandbox.until(() => sandbox.chats.length === 2);
      expect(sandbox.chat(`edna:71845:${VERA}`).sourceId).toBe('two');

      writeFileSync(file, linesFile(one));
      child.hangUp();
      expect(await child.says('lines removed')).toMatch(/"removed":\["[^"]+\/two"\]/);
      expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
    } finally {
      await child.remove();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('told so before it listens reads them once it does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-lines-'));
    const file = join(folder, 'lines.yaml');
    const sandbox = await startSandbox({ amojo: { connected: true } });
    // What is looked up keeps a start waiting.
    const { url: base_url } = sandbox.amojo.server;
    const account = { account_id: undefined, base_url, token: sandbox.amojo.settings.restToken };
    const line = (source: string, channel: number) =>
      lineAt(sandbox, { edna: { channels: [channel] }, amocrm: { ...account, source } });
    writeFileSync(file, linesFile(line('one', 71844)));
    const child = await ChildBridge.start(sandbox, {
      LINES_FILE: file,
      ADMIN_TOKEN: 'spec-admin-token',
    });
    try {
      await child.end('SIGTERM');
      const slow = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'account', times: 1 });
      const started = child.again();
      await Promise.race([slow.caught(), started]);
      writeFileSync(file, linesFile(line('one', 71844), line('two', 71845)));
      child.hangUp();
      slow.clear();
      await started;
      expect(await child.says('lines read')).toContain('"lines":2');
    } finally {
      await child.remove();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('told so without a file of lines says that it has none, and goes on', async () => {
    const sandbox = await startSandbox({ amojo: { connected: true } });
    const child = await ChildBridge.start(sandbox);
    try {
      child.hangUp();
      const ended = child.ended().then(({ signal }) => `ended by ${signal}`);
      expect(await Promise.race([child.says('SIGHUP'), ended])).toContain('LINES_FILE');
      await sandbox.client(VERA).writes('Ещё работает?');
      await sandbox.until(() => sandbox.chats.length === 1);
      expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
    } finally {
      await child.remove();
      await sandbox.close();
    }
  });
});
