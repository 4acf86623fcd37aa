import { anInbound, anOutbound } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { DeliveryError } from '../../domain/errors.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

const client = (n: number) => ({ address: `7999555${1000 + n}` });
const broken = new DeliveryError('unknown', 'amojo answered 500', { httpStatus: 500 });

describe('while the journal is away', () => {
  let all: Dispatching;
  beforeEach(async () => {
    all = await Dispatching.start();
  });
  afterEach(() => all.end());

  it('what was taken is written down later, and not sent again', async () => {
    all.journal.failNext('settle', 5);
    await all.accept(anInbound('1'), anInbound('2'));
    expect([all.crm.calls.deliver, await all.messages()]).toEqual([1, ['1 waiting', '2 waiting']]);
    await all.alarm.pass(10 * SECOND_MS);
    expect(all.journal.failuresLeft('settle')).toBe(0);
    expect([all.crm.calls.deliver, all.inCrm]).toEqual([2, ['1', '2']]);
    expect(await all.attempts()).toEqual(['taken', 'taken']);
  });

  it('what could not be claimed is claimed by the next look', async () => {
    all.journal.failNext('claim', 2);
    await all.accept(anInbound('1'), anOutbound('a'));
    expect([all.inCrm, all.sent]).toEqual([[], []]);
    await all.alarm.pass(1 * SECOND_MS);
    expect([all.inCrm, all.sent]).toEqual([['1'], ['a']]);
  });

  it.each(['claim', 'settle', 'begin'] as const)(
    'a %s that was committed, and whose answer was lost, costs no message and doubles none',
    async (method) => {
      // Both upstreams claim.
      all.journal.loseNext(method, method === 'claim' ? 2 : 1);
      await all.accept(anOutbound('a'));
      await all.accept(anOutbound('b'));
      await all.alarm.pass(2 * MINUTE_MS);
      expect(await all.messages()).toEqual(['a handed-over', 'b handed-over']);
      expect(all.sent).toEqual(['a', 'b']);
      expect(await all.owned()).toBe(0);
    },
  );

  it('lanes claimed for having waited too long are not left lying when that answer is lost', async () => {
    const quick = await Dispatching.start({ outboundTtlMs: MINUTE_MS });
    const later = { httpStatus: 429, retryAfterMs: 15 * MINUTE_MS };
    quick.messenger.failNext(new DeliveryError('not-sent', 'edna answered 429', later));
    await quick.accept(anOutbound('a'));
    await quick.alarm.pass(MINUTE_MS - SECOND_MS);
    quick.journal.loseNext('claimOverdue');
    await quick.alarm.pass(MINUTE_MS);
    expect(await quick.messages()).toEqual(['a failed gave-up']);
    await quick.end();
  });

  it('what was claimed and could not be read is not left lying', async () => {
    all.journal.failNext('read');
    await all.accept(anInbound('1'));
    await all.alarm.pass(MINUTE_MS);
    expect(all.inCrm).toEqual(['1']);
  });

  it('a probe that could not be read, and finds its lane empty, does not keep the gate shut', async () => {
    const another = { conversationId: 'edna:71844:79995550177', chatId: 'chat-9' };
    await all.accept(anOutbound('x', another));
    all.messenger.failNext(new DeliveryError('blocked', 'edna answered 403', { httpStatus: 403 }));
    await all.accept(anOutbound('a'));
    expect(all.gates.of(all.line, 'messenger').state).toBe('shut');
    // A repeat makes its lane due, and there is nothing in it.
    await all.accept(anOutbound('x', another));
    await all.alarm.pass(59 * SECOND_MS);
    all.journal.failNext('read');
    await all.alarm.pass(10 * MINUTE_MS);
    await all.accept(anOutbound('b'));
    await all.alarm.pass(2 * MINUTE_MS);
    expect(all.gates.of(all.line, 'messenger').state).toBe('open');
    expect(all.sent).toContain('b');
  });

  it('what was claimed for having waited too long and could not be read is not left lying', async () => {
    const later = { httpStatus: 429, retryAfterMs: 15 * MINUTE_MS };
    const quick = await Dispatching.start({ outboundTtlMs: 2 * MINUTE_MS });
    quick.messenger.failNext(new DeliveryError('not-sent', 'edna answered 429', later));
    await quick.accept(anOutbound('a'));
    await quick.alarm.pass(2 * MINUTE_MS - SECOND_MS);
    quick.journal.failNext('read');
    await quick.alarm.pass(MINUTE_MS);
    expect(await quick.messages()).toEqual(['a failed gave-up']);
    await quick.end();
  });

  it('what follows in a lane is read when it is back', async () => {
    all.crm.door.shut();
    await all.accept(anInbound('1'));
    await all.accept(anInbound('2'));
    all.journal.failNext('read', 3);
    all.crm.door.open();
    await all.alarm.pass(2 * SECOND_MS);
    expect(all.inCrm).toEqual(['1', '2']);
  });

  it('a way that could not be kept is not taken, and nothing is said of the messenger', async () => {
    all.journal.failNext('begin');
    await all.accept(anOutbound('a'));
    expect([all.sent, await all.attempts()]).toEqual([[], []]);
    expect(all.gates.of(all.line, 'messenger').state).toBe('open');
    await all.alarm.pass(2 * SECOND_MS);
    expect(all.sent).toEqual(['a']);
  });

  it('nothing is begun once the lease has run out, until it is renewed', async () => {
    all.journal.failNext('renew', 3);
    await all.alarm.pass(8 * SECOND_MS);
    await all.accept(anInbound('1'), anOutbound('a'));
    expect([all.inCrm, all.sent]).toEqual([[], []]);
    await all.alarm.pass(5 * SECOND_MS);
    expect([all.inCrm, all.sent]).toEqual([['1'], ['a']]);
  });
});

describe('a message that fails for itself', () => {
  let all: Dispatching;
  beforeEach(async () => {
    all = await Dispatching.start();
    all.crm.refuses = ({ sourceId }) => (sourceId.endsWith(':bad') ? broken : undefined);
    await all.alarm.pass(SECOND_MS);
  });
  afterEach(() => all.end());

  it('steps aside after ten minutes while others pass, and its lane goes on', async () => {
    await all.accept(anInbound('bad'), anInbound('next'));
    for (let minute = 0; minute < 9; minute += 1) {
      await all.accept(anInbound(`${minute}`, client(1)));
      await all.alarm.pass(MINUTE_MS);
    }
    expect((await all.messages()).slice(0, 2)).toEqual(['bad waiting', 'next waiting']);
    await all.alarm.pass(7 * MINUTE_MS);
    expect((await all.messages()).slice(0, 2)).toEqual([
      'bad failed amo-poison',
      'next handed-over',
    ]);
    expect(all.inCrm.slice(-2)).toEqual(['next', 'bad:notice']);
    expect((await all.journal.state()).failedInbound).toBe(1);
  });

  it('waits without end while nothing else passes', async () => {
    all.crm.refuses = () => broken;
    await all.accept(anInbound('bad'), anInbound('1', client(1)));
    await all.alarm.pass(40 * MINUTE_MS);
    expect(await all.messages()).toEqual(['bad waiting', '1 waiting']);
    all.crm.refuses = () => undefined;
    await all.alarm.pass(5 * MINUTE_MS);
    expect(all.inCrm.toSorted()).toEqual(['1', 'bad']);
  });

  it('waits while nothing else but connecting passes', async () => {
    all.crm.refuses = () => (all.crm.isConnected ? broken : undefined);
    await all.accept(anInbound('bad'), anInbound('1', client(1)));
    await all.alarm.pass(9 * MINUTE_MS);
    all.crm.isConnected = false;
    await all.alarm.pass(20 * MINUTE_MS);
    expect(await all.messages()).toEqual(['bad waiting', '1 waiting']);
  });
});

describe('connecting the channel', () => {
  it('is tried at the start until it works, while messages wait', async () => {
    const all = await Dispatching.open();
    all.crm.isConnected = false;
    all.crm.connecting = new DeliveryError('blocked', 'amojo answered 403', { httpStatus: 403 });
    all.dispatcher.onApplicationBootstrap();
    await all.accept(anInbound('1'));
    await all.alarm.pass(20 * SECOND_MS);
    expect([all.inCrm, all.gates.isConnected(all.line.key)]).toEqual([[], false]);
    all.crm.connecting = undefined;
    await all.alarm.pass(MINUTE_MS);
    expect([all.inCrm, all.gates.isConnected(all.line.key)]).toEqual([['1'], true]);
    await all.end();
  });

  it('is tried at the start until it works, though nothing waits, and then no more', async () => {
    const all = await Dispatching.open();
    all.crm.failNext(new DeliveryError('not-sent', 'amojo: ECONNREFUSED'), 'before', 3);
    all.dispatcher.onApplicationBootstrap();
    await all.alarm.pass(6 * SECOND_MS);
    expect(all.gates.isConnected(all.line.key)).toBe(false);
    await all.alarm.pass(SECOND_MS);
    expect(all.gates.isConnected(all.line.key)).toBe(true);
    await all.alarm.pass(10 * MINUTE_MS);
    expect(all.crm.calls.connect).toBe(4);
    await all.end();
  });

  it('comes before the first message: a channel that is new would refuse it', async () => {
    const all = await Dispatching.open();
    all.crm.isConnected = false;
    all.crm.connectDoor.shut();
    all.dispatcher.onApplicationBootstrap();
    await all.accept(anInbound('1'), anOutbound('a'));
    expect([all.crm.calls.deliver, all.sent]).toEqual([0, ['a']]);
    all.crm.connectDoor.open();
    await all.alarm.rest();
    expect([all.inCrm, await all.attempts()]).toEqual([['1'], ['taken', 'taken']]);
    await all.end();
  });

  it('that runs into a mistake of ours is tried again, and messages go through after it', async () => {
    const all = await Dispatching.start();
    all.crm.isConnected = false;
    all.crm.connecting = new TypeError('a mistake of ours');
    await all.accept(anInbound('1'));
    await all.alarm.pass(2 * MINUTE_MS);
    all.crm.connecting = undefined;
    await all.alarm.pass(5 * MINUTE_MS);
    expect(all.inCrm).toEqual(['1']);
    await all.end();
  });
});
