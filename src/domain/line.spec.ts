import { ACCOUNT_ID, aLine, SCOPE } from '../../test/builders.js';
import { lineKey, scopeId } from './ids.js';
import { Lines, type Line } from './line.js';

const anyChannel = aLine();
const shop: Line = {
  ...aLine({ subjectId: '71844' }, { accountId: 'another', sourceExternalId: 'shop' }),
  key: lineKey(SCOPE, 'shop'),
  scopeId: scopeId('channel-2', 'another'),
};

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

  it('take what an edna channel posts: the one that names it before one that names none', () => {
    expect(lines.byEdnaChannel('71844')).toBe(shop);
    expect(lines.byEdnaChannel('90001')).toBe(anyChannel);
    expect(lines.byEdnaChannel(undefined)).toBe(anyChannel);
  });

  it('take nothing of a channel while all of them name others', () => {
    expect(new Lines([shop]).byEdnaChannel('90001')).toBeUndefined();
    expect(new Lines([shop]).byEdnaChannel(undefined)).toBe(shop);
    expect(new Lines([]).byEdnaChannel(undefined)).toBeUndefined();
  });
});
