import { ACCOUNT_ID, aLine, SCOPE } from '../../test/builders.js';
import { lineKey, scopeId } from './ids.js';
import { channelNow, Lines, takes, takesMessenger, type Line } from './line.js';

const anyChannel = aLine();
const shop: Line = {
  ...aLine({ channels: ['71844'] }, { accountId: 'another', sourceExternalId: 'shop' }),
  key: lineKey(SCOPE, 'shop'),
  scopeId: scopeId('channel-2', 'another'),
};

const garage = aLine({ channels: ['acme_max', 'Viber'] });

describe('lines', () => {
  const lines = new Lines([anyChannel, shop]);

  it('are found by key, scope and account', () => {
    expect(lines.byKey(shop.key)).toBe(shop);
    expect(lines.byScope(shop.scopeId)).toBe(shop);
    expect(lines.byAccount('another')).toBe(shop);
    expect(lines.byAccount(ACCOUNT_ID)).toBe(anyChannel);
  });

  it('are not found by what none of them has', () => {
    expect(lines.byKey(lineKey(SCOPE, 'garage'))).toBeUndefined();
    expect(lines.byScope('nobody_nowhere')).toBeUndefined();
    expect(lines.byAccount('')).toBeUndefined();
  });

  it('take the channels they name: by number, by name, by messenger in either case', () => {
    expect(takes(shop, '71844')).toBe(true);
    expect(takes(garage, 'acme_max')).toBe(true);
    expect(takes(garage, '71844')).toBe(false);
    expect(takesMessenger(garage, 'viber')).toBe(true);
    expect(takesMessenger(garage, 'whatsapp')).toBe(false);
    expect(takes(anyChannel, '71844')).toBe(false);
    expect(takesMessenger(anyChannel, 'whatsapp')).toBe(false);
  });

  it('take channels that theirs have taken the place of', () => {
    const moved = aLine({ channels: ['3'], replaces: new Map([['3', ['2', '1']]]) });
    expect(takes(moved, '1')).toBe(true);
    expect(takes(moved, '4')).toBe(false);
    expect(channelNow(moved, '1')).toBe('3');
    expect(channelNow(moved, '4')).toBe('4');
  });

  it('may be changed all at once', () => {
    const changing = new Lines([anyChannel]);
    changing.replace([shop]);
    expect(changing.all).toEqual([shop]);
    expect(changing.byKey(anyChannel.key)).toBeUndefined();
  });

  it('are remembered when they are removed, each as it was last, until they are back', () => {
    const changing = new Lines([anyChannel, shop]);
    const renamed = { ...shop, name: 'shop' };
    changing.replace([anyChannel, renamed]);
    expect(changing.removed).toEqual([]);
    changing.replace([anyChannel]);
    changing.replace([anyChannel]);
    expect(changing.removed).toEqual([renamed]);
    changing.replace([shop]);
    expect(changing.removed).toEqual([anyChannel]);
  });
});
