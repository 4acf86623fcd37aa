import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { aLine } from '../../test/builders.js';
import { DeliveryError } from '../domain/errors.js';
import { ConnectChannel } from './connect-channel.js';

describe('a line’s channel', () => {
  it('is connected to the account, as often as it is asked for', async () => {
    const crm = new FakeCrmChat();
    crm.isConnected = false;
    const connect = new ConnectChannel(crm);
    await connect.execute(aLine());
    await connect.execute(aLine());
    expect(crm.isConnected).toBe(true);
  });

  it('that could not be connected says why', async () => {
    const crm = new FakeCrmChat();
    crm.failNext(new DeliveryError('blocked', 'amojo answered 403'));
    await expect(new ConnectChannel(crm).execute(aLine())).rejects.toMatchObject({
      outcome: 'blocked',
    });
  });
});
