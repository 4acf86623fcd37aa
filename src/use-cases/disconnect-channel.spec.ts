import { aLine } from '../../test/builders.js';
import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { FakeSwitchedOff } from '../../test/fakes/switched-off.js';
import { DeliveryError } from '../domain/errors.js';
import { DisconnectChannel } from './disconnect-channel.js';

describe('a channel that an administrator disconnects', () => {
  const line = aLine();
  let crm: FakeCrmChat;
  let switchedOff: FakeSwitchedOff;
  let disconnect: DisconnectChannel;
  beforeEach(() => {
    crm = new FakeCrmChat();
    switchedOff = new FakeSwitchedOff();
    disconnect = new DisconnectChannel(crm, switchedOff);
  });

  it('is taken off, and remembered as such, as often as it is asked for', async () => {
    await disconnect.execute(line);
    await disconnect.execute(line);
    expect([crm.isConnected, await switchedOff.has(line.scopeId)]).toEqual([false, true]);
  });

  it.each(['blocked', 'not-sent', 'unknown'] as const)(
    'is to be connected still where the CRM answered "%s"',
    async (outcome) => {
      crm.failNext(new DeliveryError(outcome, 'spec'));
      await expect(disconnect.execute(line)).rejects.toMatchObject({ outcome });
      expect(await switchedOff.has(line.scopeId)).toBe(false);
    },
  );

  it('stays off where it was off before, and the CRM does not answer a repeat', async () => {
    await disconnect.execute(line);
    crm.failNext(new DeliveryError('not-sent', 'spec'));
    await expect(disconnect.execute(line)).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(await switchedOff.has(line.scopeId)).toBe(true);
  });

  it('is left alone where that cannot be kept', async () => {
    switchedOff.isAway = true;
    await expect(disconnect.execute(line)).rejects.toMatchObject({ name: 'JournalUnavailable' });
    expect(crm.isConnected).toBe(true);
  });
});
