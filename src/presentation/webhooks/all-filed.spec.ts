import type { ExecutionContext } from '@nestjs/common';
import { of } from 'rxjs';
import { JournalUnavailable } from '../../domain/errors.js';
import { AllFiled } from './all-filed.js';
import type { Filing } from './filing.js';

function asked(method: string, fileAll: () => Promise<void>) {
  const order: string[] = [];
  const filing = { fileAll: () => fileAll().then(() => order.push('filed')) };
  const handle = () => of(order.push('handled'));
  const context = { switchToHttp: () => ({ getRequest: () => ({ method }) }) };
  const done = new AllFiled(filing as unknown as Filing).intercept(
    context as unknown as ExecutionContext,
    { handle },
  );
  return { done, order };
}

const full = () => Promise.reject(new JournalUnavailable(new Error('disk full')));

describe('a question about the journal', () => {
  it('is put once all that was received is filed', async () => {
    const { done, order } = asked('POST', () => Promise.resolve());
    await done;
    expect(order).toEqual(['filed', 'handled']);
  });

  it('is not put where the journal is away, and it writes', async () => {
    const { done, order } = asked('POST', full);
    await expect(done).rejects.toThrow(JournalUnavailable);
    expect(order).toEqual([]);
  });

  it('is put where the journal cannot be written, and it only reads', async () => {
    const { done, order } = asked('GET', full);
    await done;
    expect(order).toEqual(['handled']);
  });
});
