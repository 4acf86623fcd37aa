import { ACCOUNT_ID, aLine, CHANNEL_ID, SCOPE } from '../../../test/builders.ts';
import { lineKey, scopeId } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import { type Belonging, lineOf } from './amocrm-line.js';

const OTHER_ACCOUNT = '7b0e3c1a-4d2f-4a68-9e05-c3b1d2f4a697';
const OTHER_CHANNEL = '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d';

function line(channelId: string, accountId: string, sourceExternalId?: string): Line {
  const scope = scopeId(channelId, accountId);
  const line = aLine({}, { channelId, accountId, sourceExternalId });
  return { ...line, scopeId: scope, key: lineKey(scope, sourceExternalId) };
}

const MAIN = line(CHANNEL_ID, ACCOUNT_ID);
const SHOP = line(CHANNEL_ID, ACCOUNT_ID, 'shop');
const SECOND = line(OTHER_CHANNEL, ACCOUNT_ID);
const ABROAD = line(CHANNEL_ID, OTHER_ACCOUNT);

const find = (hook: Partial<Belonging>, all: Line[], signers = all) =>
  lineOf({ accountBinds: true, ...hook }, new Lines(all), signers);
const kept = (reason: string) => ({ type: 'quarantine', reason });

describe('the line of a hook', () => {
  it('is the one of the scope in its path, in either case', () => {
    expect(find({ scopeId: SCOPE }, [ABROAD, MAIN])).toBe(MAIN);
    expect(find({ scopeId: SCOPE.toUpperCase() }, [ABROAD, MAIN])).toBe(MAIN);
  });

  it('is none for a scope we do not know', () => {
    expect(find({ scopeId: ':scope_id', accountId: ACCOUNT_ID }, [MAIN])).toEqual(kept('no-line'));
  });

  it('must be of the account that the hook names', () => {
    expect(find({ scopeId: SCOPE, accountId: ACCOUNT_ID.toUpperCase() }, [MAIN])).toBe(MAIN);
    expect(find({ scopeId: SCOPE, accountId: OTHER_ACCOUNT }, [MAIN, ABROAD])).toEqual(
      kept('wrong-account'),
    );
    expect(find({ scopeId: SCOPE }, [MAIN])).toBe(MAIN);
  });

  it('may be of any account where the hook is of the flat form', () => {
    const flat = { accountId: '12345678', accountBinds: false };
    expect(find({ scopeId: SCOPE, ...flat }, [MAIN])).toBe(MAIN);
    expect(find(flat, [MAIN])).toBe(MAIN);
    expect(find({ ...flat, accountId: OTHER_ACCOUNT }, [MAIN, ABROAD])).toBe(ABROAD);
  });

  it('is told by the account where the path tells nothing', () => {
    expect(find({ accountId: OTHER_ACCOUNT }, [MAIN, ABROAD])).toBe(ABROAD);
    expect(find({ accountId: OTHER_ACCOUNT }, [MAIN])).toEqual(kept('no-line'));
  });

  it('is told by the secret where the account has several channels', () => {
    expect(find({ accountId: ACCOUNT_ID }, [MAIN, SECOND], [SECOND])).toBe(SECOND);
  });

  it('is told by the secret where nothing else tells it, unless several fit', () => {
    expect(find({}, [MAIN, ABROAD], [ABROAD])).toBe(ABROAD);
    expect(find({}, [MAIN, ABROAD])).toEqual(kept('no-line'));
    expect(find({}, [MAIN])).toBe(MAIN);
  });

  it('is kept from a hook that another secret of ours has signed', () => {
    expect(find({ scopeId: SCOPE }, [MAIN, SECOND], [SECOND])).toEqual(kept('wrong-secret'));
    expect(find({ accountId: ACCOUNT_ID }, [MAIN, ABROAD], [ABROAD])).toEqual(kept('wrong-secret'));
  });

  it('is none where only a line that was removed has signed, whatever its account has besides', () => {
    expect(find({ accountId: ACCOUNT_ID }, [MAIN], [SECOND])).toEqual(kept('no-line'));
    expect(find({}, [MAIN], [SECOND])).toEqual(kept('no-line'));
    expect(find({ scopeId: SECOND.scopeId }, [MAIN], [SECOND])).toEqual(kept('no-line'));
  });

  it('is the same after a reload that came between the signature and the body', () => {
    const reread = { ...MAIN };
    expect(find({ scopeId: SCOPE }, [reread], [MAIN])).toBe(reread);
    expect(find({ accountId: ACCOUNT_ID }, [reread, SECOND], [MAIN])).toBe(reread);
  });

  it('is the one of its source', () => {
    const pick = (sourceExternalId: string | undefined, ...all: Line[]) =>
      find({ scopeId: SCOPE, sourceExternalId }, all);
    expect(pick('shop', MAIN, SHOP)).toBe(SHOP);
    expect(pick('other', SHOP, MAIN)).toBe(MAIN);
    expect(pick(undefined, SHOP, MAIN)).toBe(MAIN);
    expect(pick(undefined, SHOP)).toBe(SHOP);
    expect(pick('other', SHOP)).toEqual(kept('no-line'));
  });

  it('is the one whose channel the conversation is in, where the hook names no source', () => {
    const moscow = { ...MAIN, edna: { ...MAIN.edna, channels: ['1'] } };
    const replaces = new Map([['3', ['2']]]);
    const shop = { ...SHOP, edna: { ...SHOP.edna, channels: ['3'], replaces } };
    const pick = (conversationId: string) =>
      find({ scopeId: SCOPE, conversationId }, [moscow, shop]);
    expect(pick('edna:3:79995550142')).toBe(shop);
    expect(pick('edna:2:79995550142')).toBe(shop);
    expect(pick('edna:1:79995550142')).toBe(moscow);
    expect(pick('edna:9:79995550142')).toBe(moscow);
    expect(pick('somebody else’s')).toBe(moscow);
  });

  it('is the default one where nothing tells it', () => {
    const shop = { ...SHOP, amo: { ...SHOP.amo, isDefault: true } };
    expect(find({ scopeId: SCOPE }, [MAIN, shop])).toBe(shop);
    expect(find({ scopeId: SCOPE, sourceExternalId: 'other' }, [MAIN, shop])).toBe(MAIN);
  });
});
