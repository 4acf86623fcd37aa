import { aLine, aPost } from '../../../test/builders.ts';
import { lineKey, scopeId } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import { linesOf } from './edna-line.js';

const line = (name: string, edna: Partial<Line['edna']>, more: Partial<Line> = {}): Line => {
  const scope = scopeId('channel', name);
  return { ...aLine(edna), key: lineKey(scope), scopeId: scope, name, ...more };
};
const shop = line('shop', { channels: ['71844', 'viber'], webhookTokens: ['a'] });
const garage = line('garage', { channels: ['acme_garage'], webhookTokens: ['b'] });
const rest = line('rest', { webhookTokens: ['a'] });
const copy = line('copy', { channels: ['71844'], webhookTokens: ['a'] }, { isCopy: true });

describe('the lines of a post', () => {
  const all = [shop, garage, rest];
  const found = (claim: Parameters<typeof linesOf>[0], lines = all, opened = lines) => {
    const result = linesOf(claim, { ...aPost(new Date(), new Lines(lines)), opened });
    return 'type' in result ? result.reason : result.map(({ name }) => name);
  };

  it.each([
    [{ subjectId: '71844' }, ['shop']],
    [{ subjectId: '5', subject: 'acme_garage' }, ['garage']],
    [{ imType: 'viber' }, ['shop']],
    [{ subjectId: '5', imType: 'whatsapp' }, ['rest']],
    [{}, ['rest']],
  ])('%j: %j', (claim, names) => {
    expect(found(claim)).toEqual(names);
  });

  it('are its copies as well, and only where they say so', () => {
    expect(found({ subjectId: '71844' }, [...all, copy])).toEqual(['shop', 'copy']);
    expect(found({ subjectId: '5' }, [...all, { ...rest, name: 'also', isCopy: true }])).toEqual([
      'rest',
      'also',
    ]);
  });

  it('are not those of another company, whose token it does not carry', () => {
    expect(found({ subject: 'acme_garage' }, all, [shop, rest])).toBe('wrong-secret');
    expect(found({ subjectId: '71844' }, [...all, copy], [copy])).toEqual(['copy']);
  });

  it('are not lost to a name that others have given a channel of theirs: numbers alone are unique', () => {
    const account = { apiKey: 'of-another-account', webhookTokens: ['c'] };
    const own = line('own', account);
    const claim = { subjectId: '5', subject: 'acme_garage' };
    expect(found(claim, [garage, own], [own])).toEqual(['own']);
    const viber = line('viber', { ...account, channels: ['viber'] });
    expect(found({ ...claim, imType: 'viber' }, [garage, viber], [viber])).toEqual(['viber']);
    expect(found({ subject: '71844' }, [shop, own], [own])).toBe('wrong-secret');
  });

  it('are told apart by their tokens where they take every channel', () => {
    const other = line('other', { webhookTokens: ['c'] });
    expect(found({ subjectId: '5' }, [rest, other], [other])).toEqual(['other']);
  });

  it('are none where all name other channels', () => {
    expect(found({ subjectId: '5' }, [shop, garage])).toBe('no-line');
    expect(found({ subject: 'acme' }, [shop, garage])).toBe('no-line');
    expect(found({}, [])).toBe('no-line');
  });

  it('are the only one there is, where nothing names a channel; of several none is guessed', () => {
    expect(found({ imType: 'vk' }, [shop])).toEqual(['shop']);
    expect(found({}, [shop, { ...copy, name: 'also' }])).toEqual(['shop', 'also']);
    expect(found({}, [shop, garage], [garage])).toEqual(['garage']);
    expect(found({ imType: 'vk' }, [shop, garage])).toBe('no-line');
    expect(found({}, [shop, garage])).toBe('no-line');
  });

  it('are found by a messenger only among those that the token opens: others have one, too', () => {
    const own = line('own', { webhookTokens: ['c'] });
    const theirs = line('theirs', { channels: ['whatsapp'], webhookTokens: ['d'] });
    expect(found({ subjectId: '5', imType: 'whatsapp' }, [theirs, own], [own])).toEqual(['own']);
    expect(found({ imType: 'viber' }, [shop, own], [own])).toEqual(['own']);
  });

  it('are found by a messenger in whatever case the file has it', () => {
    const named = line('named', { channels: ['WhatsApp'] });
    expect(found({ imType: 'whatsapp' }, [named, garage])).toEqual(['named']);
  });

  it('are the same after a reload that came between the token and the body', () => {
    const [reread] = [{ ...shop }];
    expect(found({ subjectId: '71844' }, [reread], [shop])).toEqual(['shop']);
  });
});
