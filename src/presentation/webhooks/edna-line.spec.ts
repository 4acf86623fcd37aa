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

  it('are told apart by their tokens where they take every channel', () => {
    const other = line('other', { webhookTokens: ['c'] });
    expect(found({ subjectId: '5' }, [rest, other], [other])).toEqual(['other']);
  });

  it('are none where all name other channels; what names no channel goes to the first', () => {
    expect(found({ subjectId: '5' }, [shop, garage])).toBe('no-line');
    expect(found({ subject: 'acme' }, [shop, garage])).toBe('no-line');
    expect(found({ imType: 'vk' }, [shop, garage])).toEqual(['shop']);
    expect(found({}, [])).toBe('no-line');
  });
});
