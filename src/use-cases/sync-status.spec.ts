import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { aLine, aMessage, SCOPE } from '../../test/builders.js';
import { aConversation } from '../../test/outgoing.js';
import { aReportWork, around } from '../../test/works.js';
import { DeliveryError, type Outcome } from '../domain/errors.js';
import { anonymousSourceId } from '../domain/ids.js';
import { Settings } from '../domain/settings.js';
import { SyncStatus } from './sync-status.js';

const TEN_MINUTES_MS = 10 * 60_000;
const fault = (outcome: Outcome) => new DeliveryError(outcome, `spec: ${outcome}`);

describe('a receipt on its way to the manager', () => {
  let crm: FakeCrmChat;
  let sync: SyncStatus;
  beforeEach(() => {
    crm = new FakeCrmChat();
    sync = new SyncStatus(crm, new Settings());
  });

  const run = (given?: Parameters<typeof aReportWork>[0], of?: Parameters<typeof around>[0]) =>
    sync.execute(aReportWork(given), aLine(), around(of));
  const reported = (status: string) => ({ type: 'reported', messageId: 8, status });

  it.each(['delivered', 'read'] as const)('marks his message as %s', async (status) => {
    const done = await run({ status });
    expect(crm.marks).toEqual([{ crmMessageId: 'b47f09ce', status, reason: undefined }]);
    expect(done).toMatchObject({
      changes: [reported(status)],
      next: 'go-on',
      attempt: { kind: 'status', outcome: 'taken' },
    });
  });

  it('of a failure comes with the reason', async () => {
    const reason = { key: 'window-closed' } as const;
    await run({ status: 'failed', reason });
    expect(crm.markOf('b47f09ce')).toMatchObject({ status: 'failed', reason });
  });

  it('of "sent" is kept to ourselves: amoCRM has no code for it', async () => {
    expect(await run({ status: 'sent' })).toEqual({ changes: [reported('sent')], next: 'go-on' });
    expect(crm.calls.report).toBe(0);
  });

  it('of a message without an id at amoCRM marks nothing', async () => {
    const done = await run({ sourceId: anonymousSourceId(SCOPE, 'x'), status: 'read' });
    expect(done).toEqual({ changes: [reported('read')], next: 'go-on' });
    expect(crm.calls.report).toBe(0);
  });

  describe('of what was put there in somebody’s name', () => {
    const imported = { crmMessageId: 'c-1', conversation: aConversation(), message: aMessage() };

    it('goes with the message where it failed, and by its id where it arrived', async () => {
      await run({ imported, status: 'failed' });
      await run({ imported, status: 'read' });
      expect(crm.marks).toMatchObject([
        { crmMessageId: 'c-1', status: 'failed', imported: { message: aMessage() } },
        { crmMessageId: 'c-1', status: 'read' },
      ]);
    });

    it('goes by the id alone where the message is forgotten', async () => {
      await run({ imported: { ...imported, message: undefined }, status: 'failed' });
      expect(crm.marks[0]).not.toHaveProperty('imported');
    });

    it('can be no arrival where the CRM never named it', async () => {
      const nameless = { ...imported, crmMessageId: '' };
      expect((await run({ imported: nameless, status: 'read' })).changes).toEqual([
        reported('read'),
      ]);
      expect(crm.marks).toEqual([]);
      await run({ imported: nameless, status: 'failed' });
      expect(crm.marks).toHaveLength(1);
    });
  });

  it('that the CRM rejects is taken as reported, and seen by operators', async () => {
    crm.unknownMessages.add('b47f09ce');
    const done = await run();
    expect(done.changes).toEqual([reported('delivered')]);
    expect(done).toMatchObject({
      attempt: { outcome: 'rejected' },
      fault: { outcome: 'rejected' },
    });
  });

  it.each([
    ['not-sent', 'failed'],
    ['unknown', 'failed'],
    ['blocked', 'waits'],
  ] as const)('waits after "%s", which counts as "%s"', async (outcome, why) => {
    crm.failNext(fault(outcome));
    const done = await run({ tries: 3 }, { jitter: 0.5 });
    expect(done).toMatchObject({
      changes: [{ type: 'put-off', messageId: 8, kind: 'status', why }],
      next: { afterMs: 8_500 },
      attempt: { outcome },
      fault: { outcome },
    });
  });

  it('that keeps failing for ten minutes while others pass steps aside', async () => {
    const age = { failingMs: TEN_MINUTES_MS };
    const tried = async (...[given, of]: Parameters<typeof run>) => {
      const [change] = (await run(given, of)).changes;
      return change?.type;
    };
    crm.failNext(fault('unknown'), 'before', 3);
    expect(await tried({ age })).toBe('put-off');
    expect(await tried({ age: { failingMs: TEN_MINUTES_MS - 1 } }, { othersPass: true })).toBe(
      'put-off',
    );
    expect(await tried({ age }, { othersPass: true })).toBe('reported');
    crm.failNext(fault('blocked'));
    expect(await tried({ age }, { othersPass: true })).toBe('put-off');
    expect(crm.marks).toEqual([]);
  });
});
