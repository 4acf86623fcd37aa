import { UsedTokens } from '../../src/domain/ports.js';

/** In memory. */
export class FakeUsedTokens extends UsedTokens {
  private readonly untils = new Map<string, number>();

  override use(
    id: string,
    { now, until, most }: { readonly now: Date; readonly until: Date; readonly most: number },
  ): Promise<'first' | 'again' | 'too-many'> {
    for (const [old, ms] of this.untils) if (ms < now.getTime()) this.untils.delete(old);
    if (this.untils.has(id)) return Promise.resolve('again');
    if (this.untils.size >= most) return Promise.resolve('too-many');
    this.untils.set(id, until.getTime());
    return Promise.resolve('first');
  }
}
