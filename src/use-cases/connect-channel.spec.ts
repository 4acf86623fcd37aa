import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { KeptLog } from '../../test/fakes/log.js';
import { aLine } from '../../test/builders.js';
import { CrmSources } from '../domain/contacts.js';
import { DeliveryError } from '../domain/errors.js';
import { ConnectChannel } from './connect-channel.js';

class FakeSources extends CrmSources {
  asked = 0;
  fails = false;

  override ensure(): Promise<'as it is'> {
    this.asked += 1;
    return this.fails
      ? Promise.reject(new DeliveryError('blocked', 'spec: no'))
      : Promise.resolve('as it is');
  }

  /** Resolves once what was begun has come to its end. */
  rest(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a line’s channel', () => {
  it('is connected to the account, as often as it is asked for', async () => {
    const crm = new FakeCrmChat();
    crm.isConnected = false;
    const connect = new ConnectChannel(crm);
    await connect.execute(aLine());
    await connect.execute(aLine());
    expect(crm.isConnected).toBe(true);
  });

  it('has its source seen to once it is connected, and does not wait for that', async () => {
    const crm = new FakeCrmChat();
    const sources = new FakeSources();
    await new ConnectChannel(crm, sources).execute(aLine());
    expect(sources.asked).toBe(1);
    sources.fails = true;
    const log = KeptLog.begin();
    await new ConnectChannel(crm, sources).execute(aLine());
    expect(sources.asked).toBe(2);
    await sources.rest();
    expect(log.lines).toMatchObject([{ level: 'warn', message: { why: 'spec: no' } }]);
  });

  it('that could not be connected says why', async () => {
    const crm = new FakeCrmChat();
    crm.failNext(new DeliveryError('blocked', 'amojo answered 403'));
    await expect(new ConnectChannel(crm).execute(aLine())).rejects.toMatchObject({
      outcome: 'blocked',
    });
  });
});
