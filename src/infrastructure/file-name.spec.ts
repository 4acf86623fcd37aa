import { fileName, shortenName } from './file-name.js';

describe('the name of a file', () => {
  const url = 'https://files.example.test/a/%D1%81%D1%87%D1%91%D1%82%20118.pdf?Signature=x';

  it('is the one it came with', () => {
    expect(fileName({ url, name: 'offer.pdf' }, 'file')).toBe('offer.pdf');
  });

  it('is the last piece of the address otherwise, decoded', () => {
    expect(fileName({ url }, 'file')).toBe('счёт 118.pdf');
    expect(fileName({ url: 'https://files.example.test/100%.pdf' }, 'file')).toBe('100%.pdf');
  });

  it('follows from the kind where the address has none', () => {
    expect(fileName({ url: 'https://files.example.test/' }, 'picture')).toBe('image.jpg');
    expect(fileName({ url: 'no address', name: ' ' }, 'voice')).toBe('voice.ogg');
  });

  it('has no slashes and control characters', () => {
    expect(fileName({ url, name: '../etc\\a\n.pdf' }, 'file')).toBe('.. etc a .pdf');
  });

  it('is shortened with its extension kept and no letter cut in two', () => {
    expect(shortenName(`${'a'.repeat(80)}.pdf`, 70)).toBe(`${'a'.repeat(66)}.pdf`);
    expect(shortenName(`${'👋'.repeat(40)}.jpeg`, 70)).toBe(`${'👋'.repeat(32)}.jpeg`);
    expect(shortenName('x'.repeat(71), 70)).toHaveLength(70);
    expect(shortenName('short.pdf', 70)).toBe('short.pdf');
  });
});
