import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { aLine } from '../../test/builders.js';
import { anInboundWork, around } from '../../test/works.js';
import { DeliveryError, type Outcome } from '../domain/errors.js';
import { Settings } from '../domain/settings.js';
import { RouteInbound } from './route-inbound.js';

const TEN_MINUTES_MS = 10 * 60_000;
const fault = (outcome: Outcome) => new DeliveryError(outcome, `spec: ${outcome}`);

describe('a client’s message that keeps failing', () => {
  let crm: FakeCrmChat;
  let route: RouteInbound;
  beforeEach(() => {
    crm = new FakeCrmChat();
    route = new RouteInbound(crm, new Settings());
  });

  /** What becomes of it, in the word of the change. */
  async function tried(
    outcome: Outcome,
    { failingMs = TEN_MINUTES_MS, othersPass = true } = {},
  ): Promise<string | undefined> {
    crm.failNext(fault(outcome));
    const work = anInboundWork({ tries: 9, age: { waitedMs: failingMs, failingMs } });
    const { changes } = await route.execute(work, aLine(), around({ othersPass }));
    const [change] = changes;
    return change?.type === 'inbound-failed' ? change.reason.key : change?.type;
  }

  it('steps aside after ten minutes while others pass', async () => {
    expect(await tried('not-sent')).toBe('amo-poison');
  });

  describe('and may have been taken by the last try', () => {
    const suspected = () => anInboundWork({ tries: 10, isSuspect: true });

    it('is looked for ten seconds later: the history lags behind', async () => {
      crm.failNext(fault('unknown'));
      const age = { waitedMs: TEN_MINUTES_MS, failingMs: TEN_MINUTES_MS };
      const done = await route.execute(
        anInboundWork({ age }),
        aLine(),
        around({ othersPass: true }),
      );
      expect(done).toMatchObject({
        changes: [{ type: 'put-off', why: 'unknown', isSuspect: true }],
        next: { afterMs: 10_000 },
      });
    });

    it('and was, is not given up', async () => {
      crm.failNext(fault('unknown'), 'after');
      await route.execute(anInboundWork(), aLine(), around());
      const { changes } = await route.execute(suspected(), aLine(), around());
      expect(changes).toMatchObject([{ type: 'inbound-handed-over' }]);
      expect(crm.entries).toHaveLength(1);
    });

    it('and was not, steps aside without another try', async () => {
      const { changes } = await route.execute(suspected(), aLine(), around());
      expect(changes).toMatchObject([{ type: 'inbound-failed', reason: { key: 'amo-poison' } }]);
      expect(crm.entries).toHaveLength(0);
    });

    it('goes on being suspected while the history cannot be looked at', async () => {
      crm.find = () => Promise.reject(fault('not-sent'));
      const { changes, next } = await route.execute(suspected(), aLine(), around());
      expect(changes).toEqual([]);
      expect(next).toHaveProperty('afterMs');
    });
  });

  it('goes on waiting before that', async () => {
    expect(await tried('unknown', { failingMs: TEN_MINUTES_MS - 1 })).toBe('put-off');
  });

  it('goes on waiting while nobody passes: it is not about this message', async () => {
    const aDay = 24 * 60 * 60_000;
    expect(await tried('not-sent', { failingMs: aDay, othersPass: false })).toBe('put-off');
  });

  it('never steps aside because of what says nothing about it', async () => {
    expect(await tried('blocked')).toBe('put-off');
  });

  describe('and may have been taken by an earlier try', () => {
    const age = { waitedMs: TEN_MINUTES_MS, failingMs: TEN_MINUTES_MS, unknownMs: 60_000 };
    const work = anInboundWork({ tries: 9, age });

    it('is looked for in the chat’s history first', async () => {
      crm.failNext(fault('unknown'), 'after');
      await route.execute(anInboundWork(), aLine(), around());
      crm.failNext(fault('not-sent'));
      const { changes } = await route.execute(work, aLine(), around({ othersPass: true }));
      expect(changes).toMatchObject([{ type: 'inbound-handed-over' }]);
      expect(crm.entries).toHaveLength(1);
    });

    it('goes on waiting while the history cannot be looked at', async () => {
      crm.find = () => Promise.reject(fault('not-sent'));
      crm.failNext(fault('not-sent'));
      const { changes } = await route.execute(work, aLine(), around({ othersPass: true }));
      expect(changes).toMatchObject([{ type: 'put-off' }]);
    });
  });

  it('that is refused, and cannot be looked for, does not hold up its lane for ever', async () => {
    crm.find = () => Promise.reject(fault('unknown'));
    const age = { waitedMs: TEN_MINUTES_MS, failingMs: TEN_MINUTES_MS };
    const refused = async (othersPass: boolean) => {
      crm.failNext(fault('rejected'));
      const work = anInboundWork({ tries: 9, age });
      return (await route.execute(work, aLine(), around({ othersPass }))).changes;
    };
    expect(await refused(false)).toMatchObject([{ type: 'put-off' }]);
    expect(await refused(true)).toMatchObject([
      { type: 'inbound-failed', reason: { key: 'amo-rejected' } },
    ]);
  });
});
