import type { ExecutionContext } from '@nestjs/common';
import { of } from 'rxjs';
import { JournalUnavailable } from '../../domain/errors.js';
import { AllFiled } from './all-filed.js';
import type { Filing } from './filing.js';

function asked(fileAll: () => Promise<void>) {
  const order: string[] = [];
  const filing = { fileAll: () => fileAll().then(() => order.push('filed')) };
  const handle = () => of(order.push('handled'));
  const context = {} as ExecutionContext;
  const done = new AllFiled(filing as unknown as Filing).intercept(context, { handle });
  return { done, order };
}

describe('a question about the journal', () => {
  it('is put once all that was received is filed', async () => {
    const { done, order } = asked(() => Promise.resolve());
    await done;
    expect(order).toEqual(['filed', 'handled']);
  });

  it('is not put where the journal is away', async () => {
    const { done, order } = asked(() => Promise.reject(new JournalUnavailable(new Error('full'))));
    await expect(done).rejects.toThrow(JournalUnavailable);
    expect(order).toEqual([]);
  });
});
