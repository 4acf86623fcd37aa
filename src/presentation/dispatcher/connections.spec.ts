import { anInbound } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { DeliveryError } from '../../domain/errors.js';

const MINUTE_MS = 60_000;

describe('a channel that an administrator', () => {
  let all: Dispatching;
  const states = () => [
    all.gates.connection(all.line.key)?.state,
    all.gates.of(all.line, 'crm').state,
  ];
  afterEach(() => all.end());

  describe('disconnects', () => {
    beforeEach(async () => {
      all = await Dispatching.start();
      await all.connections.disconnect(all.line);
    });

    it('is not connected again by itself, however long clients’ messages wait', async () => {
      const before = all.crm.calls.connect;
      await all.accept(anInbound('1'));
      await all.alarm.pass(30 * MINUTE_MS);
      expect(all.crm.isConnected).toBe(false);
      expect(all.crm.calls.connect).toBe(before);
      expect([all.inCrm, await all.messages(), await all.attempts()]).toEqual([
        [],
        ['1 waiting'],
        [],
      ]);
      expect(states()).toEqual(['switched-off', 'shut']);
    });

    it('takes them all once it is connected again', async () => {
      await all.accept(anInbound('1'), anInbound('2'));
      await all.connections.connectAgain(all.line);
      await all.alarm.rest();
      expect([all.inCrm, states()]).toEqual([
        ['1', '2'],
        ['connected', 'open'],
      ]);
    });

    it('is not connected by a renewed line either', async () => {
      all.dispatcher.renew([all.line]);
      await all.alarm.pass(MINUTE_MS);
      expect([all.crm.isConnected, states()[0]]).toEqual([false, 'switched-off']);
    });
  });

  it('had disconnected before the start stays so', async () => {
    all = await Dispatching.open();
    await all.switchedOff.add(all.line.scopeId);
    all.crm.isConnected = false;
    all.dispatcher.onApplicationBootstrap();
    await all.alarm.pass(5 * MINUTE_MS);
    expect([all.crm.calls.connect, states()[0]]).toEqual([0, 'switched-off']);
  });

  it('disconnects while it is being connected is disconnected in the end', async () => {
    all = await Dispatching.open();
    all.crm.connectDoor.shut();
    all.dispatcher.onApplicationBootstrap();
    await all.alarm.rest();
    await all.connections.disconnect(all.line);
    all.crm.connectDoor.open();
    await all.alarm.pass(5 * MINUTE_MS);
    expect([all.crm.isConnected, states()[0]]).toEqual([false, 'switched-off']);
  });

  it('disconnects while it is being connected is obeyed, though amoCRM is slow to do it', async () => {
    all = await Dispatching.open();
    all.crm.connectDoor.shut();
    all.dispatcher.onApplicationBootstrap();
    await all.alarm.rest();
    await all.connections.disconnect(all.line);
    all.crm.disconnecting = new DeliveryError('unknown', 'amojo: timeout');
    all.crm.connectDoor.open();
    await all.alarm.pass(5 * MINUTE_MS);
    expect(await all.switchedOff.has(all.line.scopeId)).toBe(true);
    expect([all.crm.isConnected, states()[0]]).toEqual([false, 'switched-off']);
  });

  it('wanted to disconnect, which did not work, stays connected, and he is told', async () => {
    all = await Dispatching.start();
    all.crm.failNext(new DeliveryError('not-sent', 'amojo answered 503'));
    await expect(all.connections.disconnect(all.line)).rejects.toThrow('503');
    await all.accept(anInbound('1'));
    expect([all.inCrm, states()]).toEqual([['1'], ['connected', 'open']]);
  });

  it('wanted to disconnect, which nobody knows to have worked, is connected again', async () => {
    all = await Dispatching.start();
    all.crm.failNext(new DeliveryError('unknown', 'amojo: timeout'), 'after');
    await expect(all.connections.disconnect(all.line)).rejects.toThrow('timeout');
    await all.alarm.pass(MINUTE_MS);
    expect([all.crm.isConnected, states()]).toEqual([true, ['connected', 'open']]);
  });

  it('connects again while the CRM is away is told, and it is tried until it works', async () => {
    all = await Dispatching.start();
    await all.connections.disconnect(all.line);
    all.crm.connecting = new DeliveryError('not-sent', 'amojo answered 503');
    await expect(all.connections.connectAgain(all.line)).rejects.toThrow('503');
    expect(all.gates.connection(all.line.key)).toMatchObject({ state: 'failed', fault: {} });
    all.crm.connecting = undefined;
    await all.alarm.pass(5_000);
    expect([all.crm.isConnected, states()]).toEqual([true, ['connected', 'open']]);
  });

  it('disconnects while the journal is away stays connected, and he is told', async () => {
    all = await Dispatching.start();
    all.switchedOff.isAway = true;
    await expect(all.connections.disconnect(all.line)).rejects.toMatchObject({
      name: 'JournalUnavailable',
    });
    expect(all.crm.isConnected).toBe(true);
  });
});
