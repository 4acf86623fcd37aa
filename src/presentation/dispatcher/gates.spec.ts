import { Logger } from '@nestjs/common';
import { aLine, SCOPE } from '../../../test/builders.js';
import { HandAlarm } from '../../../test/fakes/alarm.ts';
import { DeliveryError } from '../../domain/errors.js';
import { lineKey } from '../../domain/ids.js';
import { Settings } from '../../domain/settings.js';
import { Gates } from './gates.js';

const line = aLine();
const shop = { ...line, key: lineKey(SCOPE, 'shop') };
const refused = new DeliveryError('blocked', 'amojo answered 403');

describe('gates', () => {
  let alarm: HandAlarm;
  let gates: Gates;
  beforeEach(() => {
    Logger.overrideLogger(false);
    alarm = new HandAlarm();
    gates = new Gates(alarm, new Settings({ ednaRatePerSecond: 5, amojoRatePerSecond: 0 }));
  });

  it('stand between each line and each upstream, each for itself', () => {
    gates.of(line, 'crm').failed('a', refused);
    gates.of(line, 'messenger');
    gates.of(shop, 'crm');
    expect(gates.views()).toEqual([
      { line: line.key, upstream: 'crm', state: 'shut', why: 'blocked' },
      { line: line.key, upstream: 'messenger', state: 'open', why: undefined },
      { line: shop.key, upstream: 'crm', state: 'open', why: undefined },
    ]);
  });

  it('have the rate of their upstream', () => {
    expect(gates.of(line, 'messenger').room(100)).toBe(5);
    expect(gates.of(line, 'crm').room(100)).toBe(100);
  });

  it('open when the channel is connected', () => {
    expect(gates.isConnected(line.key)).toBe(false);
    gates.of(line, 'crm').failed('a', refused);
    gates.connected(line, true);
    expect([gates.isConnected(line.key), gates.of(line, 'crm').state]).toEqual([true, 'open']);
    expect(gates.isConnected(shop.key)).toBe(false);
  });

  it('are shut when the channel cannot be connected', () => {
    gates.connected(line, true);
    gates.connected(line, false, refused);
    expect([gates.isConnected(line.key), gates.of(line, 'crm').state]).toEqual([false, 'shut']);
  });

  it('do not take the connecting for a message that passed', () => {
    gates.connected(line, true);
    expect(gates.of(line, 'crm').tookOthers('1/inbound', 60_000)).toBe(false);
  });

  it('let the next one through to see after a mistake of ours in connecting', async () => {
    const gate = gates.of(line, 'crm');
    gate.failed('a', refused);
    await alarm.pass(60_000);
    gate.probe();
    gates.connected(line, false, new TypeError('a mistake of ours'));
    await alarm.pass(60_000);
    expect(gate.room(1)).toBe(1);
  });
});
