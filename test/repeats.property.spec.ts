import fc from 'fast-check';
import { DeliveryError } from '../src/domain/errors.js';
import { inboundSourceId } from '../src/domain/ids.js';
import type { ChatEntry } from './fakes/crm-chat.js';
import { anInbound, anOutbound, aReceipt } from './builders.js';
import { Dispatching } from './dispatching.js';

/** What may happen to the bridge, as often and in whatever order the platforms like. */
type Step =
  | { readonly does: 'client writes' | 'manager writes'; readonly id: number }
  /** In one of two chats of his own, one of them before the client ever wrote. */
  | { readonly does: 'manager writes first'; readonly id: number }
  | { readonly does: 'client corrects'; readonly id: number; readonly words: string }
  /** An empty one is taken back. */
  | { readonly does: 'client reacts'; readonly id: number; readonly emoji: string }
  /** amoCRM shows us the client's message as a hook. */
  | { readonly does: 'echo'; readonly id: number }
  | { readonly does: 'receipt'; readonly id: number; readonly status: 'sent' | 'read' | 'failed' }
  | { readonly does: 'reinstalled' | 'answer lost in amoCRM' | 'answer lost at edna' };

const id = fc.integer({ min: 1, max: 3 });
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constantFrom('client writes', 'manager writes', 'manager writes first'),
    id,
  }),
  fc.record({ does: fc.constant('client corrects'), id, words: fc.constantFrom('one', 'two') }),
  fc.record({ does: fc.constant('client reacts'), id, emoji: fc.constantFrom('👍', '') }),
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

/** To the client's number, from the card of a lead. */
const fromCard = (of: string, lead: number) =>
  anOutbound(of, {
    conversationId: undefined,
    chatId: `chat-${lead}`,
    participantId: `person-${lead}`,
    writesFirst: true,
  });

const saying = (id: number, text: string) =>
  anInbound(`${id}`, { message: { content: { kind: 'text', text } } });

async function take(all: Dispatching, step: Step): Promise<void> {
  switch (step.does) {
    case 'client writes':
      return all.accept(anInbound(`${step.id}`));
    case 'manager writes':
      // Until the client's first message stands there, no hook names him by our id.
      return all.accept(
        all.crm.entries.length > 0 ? fromManager(`m${step.id}`) : fromCard(`m${step.id}`, 0),
      );
    case 'manager writes first':
      return all.accept(fromCard(`f${step.id}`, step.id % 2));
    case 'client corrects':
      return all.accept(saying(step.id, step.words));
    case 'client reacts': {
      const sourceId = inboundSourceId('71844', `${step.id}`);
      const content = { kind: 'reaction', emoji: step.emoji } as const;
      // At what is not there a reaction is a message of its own.
      const isThere = all.crm.entries.some(({ message }) => message.sourceId === sourceId);
      const id = `r${step.id}${step.emoji}`;
      return isThere
        ? all.accept(anInbound(id, { message: { content, quote: { sourceId } } }))
        : undefined;
    }
    case 'echo': {
      // An echo is known by the id in amojo's answer: one that overtakes a lost answer's repeat is not.
      await all.alarm.pass(70_000);
      const entry = all.crm.entries.find(({ message }) => message.sourceId.endsWith(`:${step.id}`));
      return entry && all.accept(fromManager(entry.messageId));
    }
    case 'receipt':
      // Of what edna has not taken there are none.
      return all.sent.includes(`m${step.id}`)
        ? all.accept(aReceipt(`m${step.id}`, step.status))
        : undefined;
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

const wordsOf = ({ message: { content } }: Pick<ChatEntry, 'message'>) =>
  content.kind === 'text' ? content.text : content.kind;

/** A wording that was there before is a late redelivery. */
function lastWords(steps: readonly Step[], { message: { sourceId } }: ChatEntry): string {
  const said = steps.flatMap((step) => {
    if (!('id' in step) || sourceId !== inboundSourceId('71844', `${step.id}`)) return [];
    if (step.does === 'client writes') return wordsOf({ message: anInbound('1').message });
    return step.does === 'client corrects' ? step.words : [];
  });
  return unique(said).at(-1) ?? '';
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
          const wrote = (...does: Step['does'][]) =>
            unique(
              steps.flatMap((step) =>
                does.includes(step.does) && 'id' in step ? `${step.id}` : [],
              ),
            );
          const byClient = wrote('client writes', 'client corrects');
          expect(all.inCrm.toSorted()).toEqual(byClient.toSorted());
          expect(all.sent.toSorted()).toEqual(
            [
              ...wrote('manager writes first').map((one) => `f${one}`),
              ...wrote('manager writes').map((one) => `m${one}`),
            ].toSorted(),
          );
          // However many managers wrote first, and when.
          expect(unique(all.crm.entries.map(({ chatId }) => chatId)).length).toBeLessThan(2);
          expect(all.crm.entries.map(wordsOf)).toEqual(
            all.crm.entries.map((entry) => lastWords(steps, entry)),
          );
        } finally {
          await all.end();
        }
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});
