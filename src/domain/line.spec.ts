import { ACCOUNT_ID, aLine, SCOPE } from '../../test/builders.js';
import { lineKey, scopeId } from './ids.js';
import { channelNow, Lines, type Line } from './line.js';

const anyChannel = aLine();
const shop: Line = {
  ...aLine({ channels: ['71844'] }, { accountId: 'another', sourceExternalId: 'shop' }),
  key: lineKey(SCOPE, 'shop'),
  scopeId: scopeId('channel-2', 'another'),
};

const garage = aLine({ channels: ['acme_max', 'viber'] });

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

  it('are found by the channels they name: by number, by name, by messenger', () => {
    const named = new Lines([anyChannel, shop, { ...garage, isCopy: true }]);
    expect(named.naming({ subjectId: '71844' })).toEqual([shop]);
    expect(named.naming({ subjectId: '90001', subject: 'acme_max' })).toEqual([named.all[2]]);
    expect(named.naming({ imType: 'viber' })).toEqual([named.all[2]]);
    expect(named.naming({ subjectId: '90001', imType: 'whatsapp' })).toEqual([]);
    expect(named.naming({})).toEqual([]);
  });

  it('are found by channels that theirs have taken the place of', () => {
    const moved = aLine({ channels: ['3'], replaces: new Map([['3', ['2', '1']]]) });
    expect(new Lines([moved]).naming({ subjectId: '1' })).toEqual([moved]);
    expect(channelNow(moved, '1')).toBe('3');
    expect(channelNow(moved, '4')).toBe('4');
  });

  it('may be changed all at once', () => {
    const changing = new Lines([anyChannel]);
    changing.replace([shop]);
    expect(changing.all).toEqual([shop]);
    expect(changing.byKey(anyChannel.key)).toBeUndefined();
  });
});
