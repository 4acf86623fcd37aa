import { defaultAmojoSettings } from './amojo/settings.ts';
import { defaultEdnaSettings } from './edna/settings.ts';
import { applySettings, settingsChange } from './settings.ts';

describe('a change of settings', () => {
  it.each([
    ['no such setting: edna.statusses', { edna: { statusses: 'manual' } }],
    ['no such setting: edna.toString', { edna: { toString: 1 } }],
    ['no such setting: edna.delaysMs.sended', { edna: { delaysMs: { sended: 1 } } }],
    ['edna.resendAfterSeconds is array', { edna: { resendAfterSeconds: null } }],
    ['edna.resendAfterSeconds is a list of numbers', { edna: { resendAfterSeconds: ['4'] } }],
    ['edna.channels is a list of objects', { edna: { channels: [null] } }],
    ['edna.webhookToken is string', { edna: { webhookToken: 5 } }],
    ['edna.autoRead is boolean', { edna: { autoRead: 'false' } }],
    ['edna.delaysMs is object', { edna: { delaysMs: 5 } }],
    ['edna.delaysMs.read is number', { edna: { delaysMs: { read: null } } }],
    ['edna.cascades is array or number', { edna: { cascades: 'none' } }],
    ['edna is object', { edna: [] }],
    ['amojo is object', { amojo: 1 }],
    ['amojo.supports.typing is boolean', { amojo: { supports: { typing: 1 } } }],
    ['amojo.slowQueue is string or object', { amojo: { slowQueue: 1 } }],
  ])('is refused: %s', (reason, change) => {
    expect(() => settingsChange(change)).toThrow(reason);
  });

  it('names all that is wrong at once', () => {
    const change = { edna: { statusses: 1, autoRead: 1 }, amojo: { connected: 1 } };
    expect(() => settingsChange(change)).toThrow(/statusses.*autoRead.*connected/);
  });

  it.each([
    { edna: { cascades: 404, statuses: 'manual' } },
    { edna: { cascades: [], statuses: ['SENT'] } },
    { edna: { fates: { '17': { status: 'FAILED', error: null } } } },
    { edna: { lockedChannel: { status: 'UNDELIVERED', error: null } } },
    { edna: { outsideWindow: { status: 'FAILED', error: '131047' } } },
    { amojo: { slowQueue: { afterFailures: 1 } } },
    { amojo: { disableHookUrl: 'http://127.0.0.1/' } },
    {},
  ])('takes the kinds a setting has: %j', (change) => {
    expect(settingsChange(change)).toEqual(change);
  });

  it('takes all the defaults', () => {
    const all = { edna: defaultEdnaSettings(), amojo: defaultAmojoSettings() };
    expect(() => settingsChange(all)).not.toThrow();
  });

  it('leaves the rest of an object as it was, but for a table of fates', () => {
    const settings = defaultEdnaSettings();
    const { edna = {} } = settingsChange({ edna: { delaysMs: { read: 7 } } });
    applySettings(settings, edna);
    expect(settings.delaysMs).toEqual({ fetch: 20, sent: 5, delivered: 20, read: 7 });
    applySettings(settings, { fates: { '17': { status: 'FAILED', error: null } } });
    applySettings(settings, { fates: {} });
    expect(settings.fates).toEqual({});
  });
});
