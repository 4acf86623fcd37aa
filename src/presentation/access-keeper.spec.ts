import { aLine } from '../../test/builders.js';
import { HandAlarm } from '../../test/fakes/alarm.js';
import { FakeCrmAccess } from '../../test/fakes/crm-access.js';
import { Lines } from '../domain/line.js';
import { AccessKeeper } from './access-keeper.js';
import { DispatcherMode } from './dispatcher/dispatcher.js';

const HOUR_MS = 60 * 60_000;

describe('access that nobody uses', () => {
  let access: FakeCrmAccess;
  let alarm: HandAlarm;
  const begin = (mode: DispatcherMode['value'] = 'at work') => {
    const lines = new Lines([aLine(), aLine()]);
    const keeper = new AccessKeeper(access, lines, alarm, new DispatcherMode(mode));
    keeper.onApplicationBootstrap();
    return keeper;
  };
  beforeEach(() => {
    access = new FakeCrmAccess();
    alarm = new HandAlarm();
  });

  it('is looked after every hour, for each line', async () => {
    begin();
    await alarm.pass(HOUR_MS - 1);
    expect(access.looks).toBe(0);
    await alarm.pass(1);
    expect(access.looks).toBe(2);
    await alarm.pass(HOUR_MS);
    expect(access.looks).toBe(4);
  });

  it('is left alone once the process is stopping, by a command, and without an integration', async () => {
    begin().beforeApplicationShutdown();
    begin('at rest');
    access.isSet = false;
    begin();
    await alarm.pass(3 * HOUR_MS);
    expect(access.looks).toBe(0);
  });
});
