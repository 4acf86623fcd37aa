import { aLine } from '../../test/builders.js';
import { DeliveryError } from '../domain/errors.js';
import { accountHookToken } from '../domain/ids.js';
import { Settings } from '../domain/settings.js';
import { ModerationHook } from '../domain/templates.js';
import { RegisterModeration } from './register-moderation.js';

class FakeHook extends ModerationHook {
  readonly registered: string[] = [];
  isOff = false;
  failing?: DeliveryError;

  override async state(_: unknown, address: string): Promise<'on' | 'off' | 'absent'> {
    if (this.failing) throw this.failing;
    if (!this.registered.includes(address)) return Promise.resolve('absent');
    return Promise.resolve(this.isOff ? 'off' : 'on');
  }

  override register(_: unknown, address: string): Promise<void> {
    this.registered.push(address);
    return Promise.resolve();
  }
}

const LINE = aLine();
const ADDRESS = `https://bridge.example.net/webhooks/amocrm-account/${accountHookToken(LINE.amo)}`;

describe('the address that moderations are told at', () => {
  let hook: FakeHook;
  beforeEach(() => {
    hook = new FakeHook();
  });
  const register = (dryRun = false, publicUrl: string | undefined = 'https://bridge.example.net') =>
    new RegisterModeration(hook, new Settings({ publicUrl })).execute(LINE, dryRun);

  it('is registered once', async () => {
    expect(await register(true)).toEqual({ state: 'missing', address: ADDRESS });
    expect(hook.registered).toEqual([]);
    expect(await register()).toEqual({ state: 'registered', address: ADDRESS });
    expect(await register()).toEqual({ state: 'registered', address: ADDRESS });
    expect(hook.registered).toEqual([ADDRESS]);
  });

  it('is told where amoCRM has switched it off', async () => {
    await register();
    hook.isOff = true;
    expect(await register()).toEqual({ state: 'off', address: ADDRESS });
  });

  it('is entered by hand where amoCRM does not let us, or nobody knows our own', async () => {
    hook.failing = new DeliveryError('blocked', 'amocrm answered 402: the account is not paid');
    expect(await register()).toEqual({
      state: 'by hand',
      address: ADDRESS,
      why: 'amocrm answered 402: the account is not paid',
    });
    expect(await register(false, '')).toMatchObject({
      state: 'by hand',
      address: new URL(ADDRESS).pathname,
      why: 'PUBLIC_URL is not set',
    });
  });
});
