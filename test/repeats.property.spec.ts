import fc from 'fast-check';
import { DeliveryError } from '../src/domain/errors.js';
import { anInbound, anOutbound, aReceipt } from './builders.js';
import { Dispatching } from './dispatching.js';

/** What may happen to the bridge, as often and in whatever order the platforms like. */
type Step =
  | { readonly does: 'client writes' | 'manager writes'; readonly id: number }
  /** amoCRM shows us the client's message as a hook. */
  | { readonly does: 'echo'; readonly id: number }
  | { readonly does: 'receipt'; readonly id: number; readonly status: 'sent' | 'read' | 'failed' }
  | { readonly does: 'reinstalled' | 'answer lost in amoCRM' | 'answer lost at edna' };

const id = fc.integer({ min: 1, max: 3 });
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constantFrom('client writes', 'manager writes'), id }),
  fc.record({ does: fc.constant('echo'), id }),
  fc.record({
    does: fc.constant('receipt'),
    id,
    status: fc.constantFrom('sent', 'read', 'failed'),
  }),
  fc.record({
    does: fc.constantFrom('reinstalled', 'answer lost in amoCRM', 'answer lost at edna'),
  }),
);

/** In the conversation the client writes in; its chat is for the CRM to name. */
const fromManager = (of: string) => anOutbound(of, { chatId: undefined, participantId: undefined });

async function take(all: Dispatching, step: Step): Promise<void> {
  switch (step.does) {
    case 'client writes':
      return all.accept(anInbound(`${step.id}`));
    case 'manager writes':
      return all.accept(fromManager(`m${step.id}`));
    case 'echo': {
      // An echo is known by the id in amojo's answer: one that overtakes a lost answer's repeat is not.
      await all.alarm.pass(70_000);
      const entry = all.crm.entries.find(({ message }) => message.sourceId.endsWith(`:${step.id}`));
      return entry && all.accept(fromManager(entry.messageId));
    }
    case 'receipt':
      return all.accept(aReceipt(`m${step.id}`, step.status));
    case 'reinstalled':
      // Disabling the integration disconnects the channel, and enabling it connects it again.
      all.crm.isConnected = false;
      all.dispatcher.wake();
      await all.alarm.rest();
      return;
    case 'answer lost in amoCRM':
      return all.crm.failNext(new DeliveryError('unknown', 'spec: lost'), 'after');
    case 'answer lost at edna':
      return all.messenger.failNext(new DeliveryError('unknown', 'spec: lost'), 'after');
  }
}

const unique = (ids: readonly string[]) => [...new Set(ids)];

describe('whatever comes again, and however often', () => {
  it('every message stands on the other side once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 24 }), async (steps) => {
        const all = await Dispatching.start();
        try {
          for (const step of steps) await take(all, step);
          // Long enough for every gate to open again and every repeat to be made.
          for (let i = 0; i < 3; i += 1) await all.alarm.pass(70_000);
          const wrote = (does: Step['does']) =>
            unique(
              steps.flatMap((step) => (step.does === does && 'id' in step ? `${step.id}` : [])),
            );
          expect(all.inCrm.toSorted()).toEqual(wrote('client writes').toSorted());
          expect(all.sent.toSorted()).toEqual(
            wrote('manager writes')
              .map((one) => `m${one}`)
              .toSorted(),
          );
        } finally {
          await all.end();
        }
      }),
      { numRuns: 40, seed: 4 },
    );
  }, 60_000);
});
