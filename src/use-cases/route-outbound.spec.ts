import {
  aReceipt,
  anInbound,
  anOutbound,
  arrivals,
  requestIdsOf,
  SCOPE,
} from '../../test/builders.js';
import { FakeMessenger } from '../../test/fakes/messenger.js';
import { CASCADE_ROUTE, CLIENT } from '../../test/outgoing.js';
import { OutboundLane } from '../../test/outbound-lane.ts';
import { DeliveryError, type Outcome } from '../domain/errors.js';
import { outboundSourceId } from '../domain/ids.js';
import type { Route } from '../domain/ports.js';
import type { Reason } from '../domain/reasons.js';

const OTHER_CASCADE: Route = { ...CASCADE_ROUTE, cascadeId: '9027' };
const FILE = {
  kind: 'file',
  attachment: { url: 'https://files.example.test/a.pdf' },
  caption: 'see page 2',
} as const;

const fault = (outcome: Outcome, reason?: Reason) =>
  new DeliveryError(outcome, `spec: ${outcome}`, { reason });

describe('a manager’s message on its way to the client', () => {
  let lane: OutboundLane;
  let messenger: FakeMessenger;
  beforeEach(async () => {
    lane = await OutboundLane.open();
    ({ messenger } = lane);
  });
  afterEach(() => lane.close());

  const ids = (id: string) => requestIdsOf(outboundSourceId(SCOPE, id));
  const texts = () => messenger.shown(CLIENT).map((one) => ('text' in one ? one.text : one.kind));

  describe('outside the window after the client’s last message', () => {
    const clientWrites = () => lane.journal.accept(arrivals(anInbound('1')));
    const DAY_MS = 24 * 3_600_000;

    it('is refused at once and never sent', async () => {
      await clientWrites();
      await lane.alarm.pass(DAY_MS + 6 * 60_000);
      await lane.accept('a');
      await lane.accept('b', { message: { content: FILE } });
      expect(await lane.work()).not.toHaveProperty('attempt');
      await lane.work();
      expect(messenger.tried).toEqual([]);
      expect(await lane.messages()).toEqual([
        'waiting',
        'failed window-closed',
        'failed window-closed',
      ]);
    });

    it('goes through as a template, and as anything once the client writes again', async () => {
      await clientWrites();
      await lane.alarm.pass(DAY_MS + 6 * 60_000);
      const template = { externalId: '31008', params: {} };
      await lane.accept('a', { message: { content: { kind: 'text', text: 'Hello', template } } });
      await lane.work();
      await lane.journal.accept(arrivals(anInbound('2')));
      await lane.accept('b');
      await lane.work();
      expect(texts()).toEqual(['Hello', 'Yes, it is']);
    });

    it('is left to the messenger where no message of the client is known', async () => {
      await lane.accept('a');
      await lane.alarm.pass(DAY_MS / 48);
      await lane.work();
      expect(texts()).toEqual(['Yes, it is']);
    });

    it('is refused where it was written in time and could not be sent in time', async () => {
      await clientWrites();
      await lane.alarm.pass(DAY_MS);
      await lane.accept('a');
      messenger.failNext(fault('not-sent'));
      await lane.work();
      await lane.alarm.pass(10 * 60_000);
      await lane.work();
      expect(messenger.tried).toHaveLength(1);
      expect(await lane.messages()).toEqual(['waiting', 'failed window-closed']);
    });

    it('is tried again where an earlier try may have been taken in time', async () => {
      await clientWrites();
      await lane.alarm.pass(DAY_MS);
      await lane.accept('a');
      messenger.failNext(fault('unknown'), 'after');
      await lane.work();
      await lane.alarm.pass(10 * 60_000);
      await lane.work();
      expect(await lane.messages()).toEqual(['waiting', 'handed-over']);
      expect(texts()).toEqual(['Yes, it is']);
    });
  });

  describe('that is taken', () => {
    it('is handed over, under the id that its receipts will name', async () => {
      await lane.accept('a');
      const done = await lane.work();
      expect(done).toMatchObject({ next: 'go-on', attempt: { outcome: 'taken' } });
      expect(messenger.taken.map(({ dispatch }) => dispatch)).toEqual([
        {
          requestId: ids('a')[0],
          messageId: outboundSourceId(SCOPE, 'a'),
          content: anOutbound('a').message.content,
          address: CLIENT,
          route: CASCADE_ROUTE,
        },
      ]);
      expect(await lane.messages()).toEqual(['handed-over']);
      expect(await lane.attempts()).toEqual(['taken']);
    });

    it('is bound to its way before it is sent, and leaves no trace where a repeat is harmless', async () => {
      let atSend: unknown[] = [];
      class Looking extends FakeMessenger {
        override async send(...given: Parameters<FakeMessenger['send']>) {
          atSend = [await lane.ways(), await lane.attempts()];
          return super.send(...given);
        }
      }
      lane = await OutboundLane.open((now) => new Looking(now));
      await lane.accept('a');
      await lane.work();
      expect(atSend).toEqual([[CASCADE_ROUTE], []]);
    });

    it('is not sent where its way cannot be kept', async () => {
      await lane.accept('a');
      lane.journal.failNext('begin');
      expect(await lane.work()).toEqual({ changes: [], next: { afterMs: 1_000 } });
      expect(messenger.tried).toEqual([]);
    });

    it('is not sent where the lane may not be ours until its end', async () => {
      await lane.accept('a');
      const done = await lane.work({ mayBegin: () => false });
      expect(done).toEqual({ changes: [], next: { afterMs: 0 } });
      expect(messenger.tried).toEqual([]);
      await lane.work();
      expect(texts()).toEqual(['Yes, it is']);
    });

    it('is handed over without a send where receipts have proved it', async () => {
      await lane.accept('a');
      messenger.failNext(fault('unknown'), 'after');
      await lane.work();
      await lane.journal.accept(arrivals(aReceipt('a', 'delivered')));
      expect((await lane.work()).attempt).toBeUndefined();
      expect(messenger.calls.send).toBe(1);
      expect(await lane.messages()).toEqual(['handed-over']);
    });
  });

  describe('with a file', () => {
    it('goes as the file, then its caption, which waits for the file’s receipt', async () => {
      await lane.accept('a', { message: { content: FILE } });
      const file = await lane.work();
      const [change] = file.changes;
      const part = change?.type === 'part-handed-over' ? change.partId : undefined;
      expect(file.next).toEqual({ afterMs: 5_000, forReceiptOf: part });
      expect(texts()).toEqual(['file']);
      expect(await lane.take()).toBeUndefined();

      await lane.journal.accept(arrivals(aReceipt('a', 'sent')));
      const caption = await lane.work();
      expect(caption.next).toBe('go-on');
      expect(texts()).toEqual(['file', 'see page 2']);
      expect(messenger.tried.map(({ requestId }) => requestId)).toEqual(
        requestIdsOf(outboundSourceId(SCOPE, 'a'), 2),
      );
      expect(await lane.messages()).toEqual(['handed-over']);
    });

    it('sends its caption after that time without a receipt', async () => {
      await lane.accept('a', { message: { content: FILE } });
      await lane.workAfter(await lane.work());
      expect(texts()).toEqual(['file', 'see page 2']);
    });

    it('that failed holds back its caption', async () => {
      await lane.accept('a', { message: { content: FILE } });
      await lane.work();
      const reason = { key: 'client-blocked' } as const;
      await lane.journal.accept(arrivals(aReceipt('a', { status: 'failed', reason })));
      await lane.work();
      expect(texts()).toEqual(['file']);
      expect(await lane.messages()).toEqual(['failed client-blocked']);
    });

    it('is not sent again for its caption’s sake', async () => {
      await lane.accept('a', { message: { content: FILE } });
      const file = await lane.work();
      messenger.failNext(fault('not-sent'));
      await lane.workAfter(await lane.workAfter(file));
      expect(texts()).toEqual(['file', 'see page 2']);
    });
  });

  describe('that is refused', () => {
    it.each<[Reason | undefined, string]>([
      [{ key: 'no-messenger' }, 'failed no-messenger'],
      [undefined, 'failed not-accepted'],
    ])('for good fails at once, with the reason: %j', async (reason, state) => {
      await lane.accept('a');
      messenger.failNext(fault('rejected', reason));
      const done = await lane.work();
      expect(done).toMatchObject({ next: 'go-on', attempt: { outcome: 'rejected' } });
      expect(await lane.messages()).toEqual([state]);
    });

    it('for want of any address fails without a request', async () => {
      await lane.accept('a', { conversationId: 'foreign', phone: undefined });
      const done = await lane.work();
      expect(done.attempt).toBeUndefined();
      expect(messenger.calls).toEqual({ route: 0, send: 0, find: 0, history: 0 });
      expect(await lane.messages()).toEqual(['failed bad-number']);
    });

    it('for a while is repeated by the same way under the same id', async () => {
      await lane.accept('a');
      messenger.failNext(fault('not-sent'));
      const first = await lane.work({ jitter: 0.5 });
      expect(first).toMatchObject({ next: { afterMs: 1_500 }, fault: { outcome: 'not-sent' } });
      messenger.way = OTHER_CASCADE;
      await lane.workAfter(first);
      expect(messenger.tried.map(({ requestId, route }) => [requestId, route.cascadeId])).toEqual([
        [ids('a')[0], '9026'],
        [ids('a')[0], '9026'],
      ]);
      expect(await lane.attempts()).toEqual(['not-sent', 'taken']);
    });

    it('while its way is looked for waits without being bound to any', async () => {
      await lane.accept('a');
      messenger.way = fault('not-sent');
      const first = await lane.work();
      expect(first).toMatchObject({ attempt: { outcome: 'not-sent' } });
      messenger.way = fault('blocked', { key: 'no-money' });
      const second = await lane.workAfter(first);
      expect(second).toMatchObject({ changes: [{ why: 'waits' }], fault: { outcome: 'blocked' } });
      expect(await lane.ways()).toEqual([undefined]);
      expect(messenger.tried).toEqual([]);
    });

    it('for an hour is given up', async () => {
      await lane.accept('a');
      await lane.alarm.pass(60 * 60_000);
      await lane.work();
      expect(messenger.tried).toEqual([]);
      expect(await lane.messages()).toEqual(['failed gave-up']);
    });
  });

  describe('that is blocked', () => {
    it('waits, and says that it is about more than itself', async () => {
      await lane.accept('a');
      messenger.failNext(fault('blocked'));
      const done = await lane.work();
      expect(done).toMatchObject({
        changes: [{ type: 'put-off', why: 'waits' }],
        attempt: { outcome: 'blocked' },
        fault: { outcome: 'blocked' },
      });
      expect(messenger.calls.send).toBe(1);
    });

    it('goes another way at once where there is one, and stays with it', async () => {
      await lane.accept('a');
      messenger.failNext(fault('not-sent'));
      const first = await lane.work();
      messenger.way = OTHER_CASCADE;
      messenger.failNext(fault('blocked'));
      const second = await lane.workAfter(first);
      expect(second.attempt?.outcome).toBe('taken');
      expect(messenger.tried.map(({ route }) => route.cascadeId)).toEqual(['9026', '9026', '9027']);
      expect(await lane.ways()).toEqual([OTHER_CASCADE]);
    });

    it('for a minute fails with the reason of the block', async () => {
      await lane.accept('a');
      await lane.alarm.pass(60_000);
      messenger.failNext(fault('blocked'));
      await lane.work({ blocked: { forMs: 60_000, reason: { key: 'channel-off' } } });
      expect(messenger.tried).toHaveLength(1);
      expect(await lane.messages()).toEqual(['failed channel-off']);
    });

    it('for a minute is tried once more, and goes where that finds the way open', async () => {
      await lane.accept('a');
      await lane.alarm.pass(60_000);
      await lane.work({ blocked: { forMs: 60_000, reason: { key: 'channel-off' } } });
      expect(await lane.messages()).toEqual(['handed-over']);
    });

    it('goes no other way where an earlier try may have been taken: it would arrive twice', async () => {
      await lane.accept('a');
      messenger.failNext(fault('unknown'), 'after');
      const first = await lane.work();
      messenger.way = { dialect: 'simple', dropsRepeats: false };
      messenger.failNext(fault('blocked'));
      await lane.workAfter(first);
      expect(texts()).toEqual(['Yes, it is']);
    });
  });

  describe('whose outcome is unknown, by a way that recognises repeats', () => {
    it('is repeated under the same id, and arrives once', async () => {
      await lane.accept('a');
      messenger.failNext(fault('unknown'), 'after');
      const first = await lane.work({ jitter: 0.5 });
      expect(first).toMatchObject({
        changes: [{ type: 'put-off', why: 'unknown' }],
        next: { afterMs: 1_500 },
        attempt: { outcome: 'unknown' },
      });
      await lane.workAfter(first);
      expect(messenger.tried.map(({ requestId }) => requestId)).toEqual([...ids('a'), ...ids('a')]);
      expect(texts()).toEqual(['Yes, it is']);
      expect(messenger.calls.find).toBe(0);
    });

    it('and stays so until its time is up may have arrived', async () => {
      await lane.accept('a');
      messenger.failNext(fault('unknown'), 'after');
      await lane.work();
      await lane.alarm.pass(60 * 60_000);
      await lane.work();
      expect(await lane.messages()).toEqual(['failed unknown-outcome']);
    });
  });
});
