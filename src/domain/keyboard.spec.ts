import { inLines, picked, toParts } from './message.js';

const CHOICES = [
  { title: 'Вечер', data: 'd1' },
  { title: '2', data: 'd2' },
  { title: 'Утро', data: 'd3' },
];

describe('an answer to a list', () => {
  it.each([
    ['Вечер', 'd1'],
    [' вечер ', 'd1'],
    ['1', 'd1'],
    ['3.', 'd3'],
    ['3)', 'd3'],
    // A title is what it says, whatever its place.
    ['2', 'd2'],
  ])('%j picks %s', (answer, data) => {
    expect(picked(CHOICES, answer)?.data).toBe(data);
  });

  it.each(['', '0', '4', '-1', '1.5', 'Вечером', '1 и 3', '1111'])('%j picks nothing', (answer) => {
    expect(picked(CHOICES, answer)).toBeUndefined();
  });
});

describe('buttons', () => {
  it('in words stand on a line each', () => {
    const rows = [[{ text: 'Да' }], [{ text: 'Цены', url: 'https://x.example.test' }]];
    expect(inLines('Удобно?', rows)).toBe('Удобно?\nДа\nЦены https://x.example.test');
    expect(inLines('Удобно?', [])).toBe('Удобно?');
  });

  it('go with the caption, not with the file', () => {
    const attachment = { url: 'https://x.example.test/a.jpg' };
    const keyboard = [[{ text: 'Да' }]];
    expect(toParts({ kind: 'picture', attachment, caption: 'Берёте?', keyboard })).toEqual([
      { kind: 'picture', attachment, caption: '' },
      { kind: 'text', text: 'Берёте?', keyboard },
    ]);
  });
});
