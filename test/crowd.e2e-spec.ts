import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startSandbox } from '../sandbox/sandbox.ts';
import { ChildBridge } from './child-bridge.js';

const VERA = '79995550142';
/** Who is not let in at once knocks again after a second, and a webhook among them is as late. */
const AT_ONCE = 1_000;

describe('a crowd that comes at once', () => {
  it('is let in while the bridge has no time, and keeps no webhook out', async () => {
    const sandbox = await startSandbox({ amojo: { connected: true } });
    const child = await ChildBridge.start(sandbox);
    const crowd: Socket[] = [];
    try {
      const { hostname, port } = new URL(child.url);
      child.freeze();
      for (let index = 0; index < AT_ONCE; index += 1) crowd.push(connect(Number(port), hostname));
      await Promise.all(crowd.map((socket) => once(socket, 'connect')));
      child.thaw();
      const { parcel } = await sandbox.client(VERA).writes('Здравствуйте');
      expect(parcel?.state).toBe('taken');
    } finally {
      for (const socket of crowd) socket.destroy();
      await child.remove();
      await sandbox.close();
    }
  });
});
