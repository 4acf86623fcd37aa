import { UsedTokens } from '../../src/domain/ports.js';

const NOW = new Date('2026-11-20T09:00:00Z');
const after = (ms: number) => new Date(NOW.getTime() + ms);

/** @param open one more process on the same store */
export function describeUsedTokens(name: string, open: () => Promise<UsedTokens>): void {
  describe(`tokens that work once, on ${name}`, () => {
    const times = (now = NOW, most = 100) => ({ now, until: after(1_000), most });

    it('work once, whatever their ids look like', async () => {
      const tokens = await open();
      for (const id of ['a', 'A', 'a ', 'a\0', '%', 'x'.repeat(5_000)]) {
        expect([id, await tokens.use(id, times())]).toEqual([id, 'first']);
        expect([id, await tokens.use(id, times())]).toEqual([id, 'again']);
      }
    });

    it('are known to every process', async () => {
      const [one, other] = [await open(), await open()];
      const uses = await Promise.all([one, other, one, other].map((it) => it.use('a', times())));
      expect(uses.toSorted()).toEqual(['again', 'again', 'again', 'first']);
    });

    it('are forgotten once their time is over, and not before', async () => {
      const tokens = await open();
      await tokens.use('a', times());
      expect(await tokens.use('a', times(after(1_000)))).toBe('again');
      expect(await tokens.use('a', times(after(1_001)))).toBe('first');
    });

    it('are refused rather than forgotten when there are too many', async () => {
      const tokens = await open();
      await tokens.use('a', times());
      await tokens.use('b', times());
      expect(await tokens.use('c', times(NOW, 2))).toBe('too-many');
      expect(await tokens.use('b', times(NOW, 2))).toBe('again');
      expect(await tokens.use('c', times(after(2_000), 2))).toBe('first');
    });
  });
}
