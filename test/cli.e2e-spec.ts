import { Bridge } from './bridge.js';
import { START_MS, type } from './command-line.js';

describe('the command line', () => {
  let bridge: Bridge;
  let settings: Record<string, string>;
  beforeEach(async () => {
    bridge = await Bridge.start();
    settings = { ...bridge.settings, PORT: new URL(bridge.url).port };
    await bridge.sandbox.postAsEdna({ something: 'else' });
  });
  afterEach(() => bridge.stop());

  it(
    'shows and replays the quarantine of the running bridge',
    async () => {
      const list = await type('quarantine list', settings);
      expect(list).toMatchObject({ code: 0, err: '' });
      expect(list.out).toMatch(/^1\t\S+\tedna\tunknown-shape\n$/);
      expect((await type('quarantine show 1', settings)).out).toContain('{"something":"else"}');
      const replay = await type('quarantine replay 1', settings);
      expect(JSON.parse(replay.out)).toEqual({ became: 'quarantined', reason: 'unknown-shape' });
    },
    START_MS,
  );

  it(
    'opens the journal itself where no bridge runs',
    async () => {
      await bridge.app.close();
      const list = await type('quarantine list --json', settings);
      expect(JSON.parse(list.out)).toMatchObject({ entries: [{ id: 1, reason: 'unknown-shape' }] });
      await bridge.restart();
    },
    START_MS,
  );

  it(
    'compares with the histories, and says by its code what is left over',
    async () => {
      const { sandbox } = bridge;
      const ask = (words: string) => type(`reconcile ${words}`, settings);
      expect(await ask('--since yesterday')).toMatchObject({ code: 2, out: '' });
      expect(await ask('--since 1h --line=')).toMatchObject({
        code: 2,
        err: expect.stringContaining('--line expects'),
      });
      expect(await ask('--since 1h')).toMatchObject({
        code: 1,
        err: expect.stringContaining('The journal is empty'),
      });
      const client = sandbox.client('79995550142');
      await client.writes('Здравствуйте');
      await sandbox.until(() => sandbox.chats[0]?.messages.length === 1);
      client.prepares('Пропущено');
      const listed = await ask('--since 1h');
      expect(listed).toMatchObject({ code: 3, err: expect.stringContaining('comparing') });
      expect(listed.out).toMatch(/^missing\tclient\t\S+\tedna:71844:\d+\n.*1 missing/);
      const brought = await ask('--since 1h --apply --json');
      expect(brought.code).toBe(0);
      expect(JSON.parse(brought.out)).toMatchObject({ applied: true, counts: { brought: 1 } });
      await sandbox.until(() => sandbox.chats[0]?.messages.length === 2);
      sandbox.edna.faults.add({ kind: 'answer', status: 403, endpoint: 'history' });
      const shut = await ask('--since 1h');
      expect(shut).toMatchObject({ code: 1, out: expect.stringContaining('not compared') });
    },
    2 * START_MS,
  );

  it(
    'brings what is missing into the journal of a bridge that is stopped',
    async () => {
      const { sandbox } = bridge;
      const client = sandbox.client('79995550142');
      await client.writes('Здравствуйте');
      await sandbox.until(() => sandbox.chats[0]?.messages.length === 1);
      await bridge.pause();
      client.prepares('Пропущено');
      // With a pace as bridges have it, requests wait for their turn, and nothing else keeps the process.
      const paced = { ...settings, EDNA_RATE_PER_SECOND: '5', AMOJO_RATE_PER_SECOND: '5' };
      const { code, out } = await type('reconcile --since 1h --apply', paced);
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^brought/) });
      await bridge.begin();
      await sandbox.until(() => sandbox.chats[0]?.messages.length === 2);
    },
    START_MS,
  );

  it(
    'says in words and by its code what is wrong',
    async () => {
      expect(await type('quarantine show 99', settings)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^There is no such entry.*\n$/),
      });
      expect(await type('quarantine eat', settings)).toMatchObject({ code: 2 });
      const unset = await type('quarantine list', { ...settings, EDNA_API_KEY: '' });
      expect(unset).toMatchObject({ code: 2, err: expect.stringContaining('EDNA_API_KEY') });
      const stranger = await type('quarantine list', { ...settings, ADMIN_TOKEN: 'not this one' });
      expect(stranger).toMatchObject({ code: 1, err: expect.stringContaining('ADMIN_TOKEN') });
    },
    START_MS,
  );
});
