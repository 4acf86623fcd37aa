import { Changes } from './changes.ts';

describe('changes', () => {
  it('are told to all who watch, whatever happens to one of them, and the trouble once', async () => {
    const told: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text: string | Uint8Array) => told.push(String(text)) > 0;
    try {
      const changes = new Changes();
      changes.watch(() => {
        throw new Error('the page stumbled');
      });
      let looks = 0;
      changes.watch(() => (looks += 1));
      for (const expected of [1, 2]) {
        changes.announce();
        await Promise.resolve();
        expect(looks).toBe(expected);
      }
    } finally {
      process.stderr.write = write;
    }
    expect(told).toEqual([expect.stringContaining('the page stumbled')]);
  });
});
