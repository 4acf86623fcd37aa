import { ACCOUNT_ID, aLine, anInbound, anOutbound } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { DeliveryError } from '../../domain/errors.js';
import { lineKey, scopeId } from '../../domain/ids.js';
import type { Line } from '../../domain/line.js';

const MINUTE_MS = 60_000;
const blocked = () => new DeliveryError('blocked', 'spec: refused', { httpStatus: 403 });

function lineOf(channelId: string): Line {
  const scope = scopeId(channelId, ACCOUNT_ID);
  return { ...aLine({}, { channelId }), key: lineKey(scope), scopeId: scope };
}
const client = (n: number) => ({ address: `7999555${1000 + n}` });

describe('with many lines', () => {
  const other = lineOf('another');
  let all: Dispatching;
  const start = async (settings: Parameters<typeof Dispatching.start>[0] = {}) => {
    all = await Dispatching.open(settings);
    all.lines.replace([all.line, other]);
    all.dispatcher.onApplicationBootstrap();
    await all.alarm.rest();
  };
  afterEach(() => all.end());

  const toOther = (id: string, n: number) => anInbound(id, { ...client(n), line: other.key });

  it('a slow connection of one keeps no message of another waiting', async () => {
    await start();
    all.crm.isConnected = false;
    all.crm.connecting = blocked();
    await all.accept(anInbound('1', client(1)));
    expect(await all.attempts()).toEqual(['blocked']);
    all.crm.isConnected = true;
    all.crm.connecting = undefined;
    all.crm.connectDoor.shut();
    await all.alarm.pass(MINUTE_MS + 1_000);
    await all.accept(toOther('2', 2));
    expect(all.inCrm).toEqual(['2']);
    all.crm.connectDoor.open();
    await all.alarm.pass(1_000);
    expect(all.inCrm).toEqual(['2', '1']);
  });

  it('a wake asks the journal once for each side, however many lines there are', async () => {
    await start();
    all.lines.replace(Array.from({ length: 200 }, (_, i) => lineOf(`channel-${i}`)));
    all.dispatcher.renew(all.lines.all);
    await all.alarm.pass(10_000);
    const before = all.journal.activity;
    all.dispatcher.wake();
    await all.alarm.rest();
    // Each call has a beginning and an end.
    expect(all.journal.activity - before).toBe(2 * 2);
  });

  it('a long queue of one leaves others their turn', async () => {
    await start({ concurrency: 1 });
    all.crm.takesMs = 10;
    const many = Array.from({ length: 20 }, (_, i) => anInbound(`${i}`, client(i)));
    await all.accept(...many, toOther('other', 50));
    await all.alarm.pass(MINUTE_MS);
    expect(all.inCrm).toHaveLength(21);
    expect(all.inCrm.indexOf('other')).toBeLessThan(3);
  });

  it('those that have changed are tried at once, on both sides', async () => {
    await start();
    all.messenger.failNext(blocked(), 'before');
    all.crm.refuses = () => blocked();
    await all.accept(
      anInbound('1', client(1)),
      anOutbound('a', { phone: client(2).address, conversationId: undefined, chatId: 'chat-2' }),
    );
    all.crm.refuses = () => undefined;
    expect([all.inCrm, all.sent]).toEqual([[], []]);
    await all.alarm.pass(1_000);
    expect([all.inCrm, all.sent]).toEqual([[], []]);
    all.dispatcher.renew([all.line]);
    await all.alarm.pass(1_000);
    expect([all.inCrm, all.sent]).toEqual([['1'], ['a']]);
  });

  it('the messages of one that is gone wait, however long, and are judged when it is back', async () => {
    await start();
    all.lines.replace([all.line]);
    await all.accept(
      toOther('1', 1),
      anOutbound('a', {
        line: other.key,
        phone: client(2).address,
        conversationId: undefined,
        chatId: 'chat-2',
      }),
    );
    // Longer than a manager's message waits for a messenger.
    await all.alarm.pass(90 * MINUTE_MS);
    expect(await all.messages()).toEqual(['1 waiting', 'a waiting']);
    expect(await all.journal.stranded([all.line.key])).toEqual([other.key]);
    all.lines.replace([all.line, other]);
    all.dispatcher.renew([other]);
    await all.alarm.pass(MINUTE_MS);
    expect(all.inCrm).toEqual(['1']);
    expect(await all.messages()).toEqual(['1 handed-over', 'a failed gave-up']);
  });

  it('a line that changes while it is worked goes on where it was', async () => {
    await start();
    all.crm.door.shut();
    await all.accept(anInbound('1', client(1)));
    all.lines.replace([{ ...all.line }, other]);
    all.dispatcher.renew([all.lines.all[0]!]);
    await all.accept(anInbound('2', client(1)), toOther('3', 3));
    all.crm.door.open();
    await all.alarm.pass(1_000);
    expect(all.inCrm.toSorted()).toEqual(['1', '2', '3']);
    expect(all.inCrm.indexOf('1')).toBeLessThan(all.inCrm.indexOf('2'));
    expect(await all.owned()).toBe(0);
  });
});
