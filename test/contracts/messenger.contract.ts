import type { Conversation } from '../../src/domain/conversation.js';
import type { MessengerEntry } from '../../src/domain/history.js';
import type { Line } from '../../src/domain/line.js';
import type { Content } from '../../src/domain/message.js';
import type { Dispatch, Messenger, Route } from '../../src/domain/ports.js';
import { aDispatch } from '../outgoing.js';
import type { Trouble } from './crm-chat.contract.js';

export type Dialect = Route['dialect'];

export interface MessengerHarness {
  readonly messenger: Messenger;
  readonly line: Line;
  /** One that is answered in the dialect. */
  readonly conversation: Conversation;
  /** The texts that were taken on for a client; a file stands by its address. */
  takenFor(address: string): readonly string[];
  /** The client of the conversation writes. */
  clientWrites(text: string): void;
  /** Its history is shut from now on. */
  shutHistory(): void;
  troubleNext(trouble: Trouble): void;
  /** A wrong key from now on. */
  refuse(): void;
  close(): Promise<void>;
}

const DIALECTS: readonly Dialect[] = ['cascade', 'simple', 'legacy', 'max-bot', 'max'];
const url = 'https://media.example.test/f/51c2.pdf';
const file = { kind: 'file', attachment: { url, name: 'offer.pdf' }, caption: '' } as const;
const contact = { kind: 'contact', name: 'Peter', phone: '79035550177', text: '' } as const;

/** What every messenger promises, in each dialect. */
export function describeMessenger(
  name: string,
  open: (dialect: Dialect) => Promise<MessengerHarness>,
): void {
  describe.each(DIALECTS)(`a messenger: ${name}, %s`, (dialect) => {
    let harness: MessengerHarness;
    let messenger: Messenger;
    let route: Route;

    beforeEach(async () => {
      harness = await open(dialect);
      ({ messenger } = harness);
      route = await messenger.route(harness.conversation, harness.line);
    });
    afterEach(() => harness.close());

    const dispatch = (id: string, content: Content = { kind: 'text', text: id }): Dispatch =>
      aDispatch({ id, content, route, address: harness.conversation.address });
    const send = (sent: Dispatch) => messenger.send(sent, harness.line);
    const taken = () => harness.takenFor(harness.conversation.address);
    const minuteAgo = () => new Date(Date.now() - 60_000);

    it('knows the way, and the same one again', async () => {
      expect(route.dialect).toBe(dialect);
      expect(await messenger.route(harness.conversation, harness.line)).toEqual(route);
      expect(await messenger.route(harness.conversation, harness.line, true)).toEqual(route);
      expect(JSON.parse(JSON.stringify(route))).toEqual(route);
    });

    it('takes a message on', async () => {
      const { messengerId } = await send(dispatch('one'));
      expect(messengerId === undefined).toBe(!dialect.startsWith('max'));
      expect(taken()).toEqual(['one']);
    });

    it('takes a file on', async () => {
      await send(dispatch('one', file));
      expect(taken()).toEqual([url]);
    });

    it('recognises a repeat where the way says so, and nowhere else', async () => {
      const message = dispatch('one');
      await send(message);
      await send(message);
      expect(taken()).toEqual(route.dropsRepeats ? ['one'] : ['one', 'one']);
    });

    it('was not taken where the messenger is busy, and says for how long', async () => {
      harness.troubleNext({ kind: 'busy', seconds: 7 });
      await expect(send(dispatch('one'))).rejects.toMatchObject({
        outcome: 'not-sent',
        details: { retryAfterMs: 7_000 },
      });
      expect(taken()).toEqual([]);
    });

    it.each(['before', 'after'] as const)(
      'tells by its history what became of a message whose answer was lost %s it was taken',
      async (when) => {
        harness.troubleNext({ kind: 'lost', when });
        const message = dispatch('one');
        await expect(send(message)).rejects.toMatchObject({ outcome: 'unknown' });
        const found = await messenger.find(message, minuteAgo(), harness.line);
        expect(found).toHaveLength(when === 'after' ? 1 : 0);
        if (!route.dropsRepeats) return;
        await send(message);
        expect(taken()).toEqual(['one']);
      },
    );

    it('finds what has the same content, went to the same client, and is new enough', async () => {
      await send(dispatch('one'));
      await send(dispatch('two', file));
      const find = (sent: Dispatch, since: Date = minuteAgo()) =>
        messenger.find(sent, since, harness.line);
      expect(await find(dispatch('one'))).toHaveLength(1);
      expect(await find(dispatch('two', file))).toHaveLength(1);
      expect(await find(dispatch('three'))).toEqual([]);
      expect(await find({ ...dispatch('one'), address: '79995550177' })).toEqual([]);
      expect(await find(dispatch('one'), new Date(Date.now() + 60_000))).toEqual([]);
    });

    it('finds a message as often as it is there', async () => {
      await send(dispatch('one', { kind: 'text', text: 'ok' }));
      await send(dispatch('two', { kind: 'text', text: 'ok' }));
      const sent = dispatch('one', { kind: 'text', text: 'ok' });
      const found = await messenger.find(sent, minuteAgo(), harness.line);
      expect(found).toHaveLength(2);
      expect(new Set(found.map(({ messengerId }) => messengerId)).size).toBe(2);
    });

    /** All pages of its history, of the last minute and the next. */
    async function history(direction: 'inbound' | 'outbound') {
      const span = { since: minuteAgo(), until: new Date(Date.now() + 60_000) };
      const entries: MessengerEntry[] = [];
      for (let page = 0; ; page += 1) {
        const some = await messenger.history(direction, span, harness.line, page);
        entries.push(...some.entries);
        if (!some.hasNext) return entries;
      }
    }

    it('tells page by page what clients wrote, as the webhook would have', async () => {
      for (const text of ['one', 'two', 'three']) harness.clientWrites(text);
      const entries = await history('inbound');
      expect(entries).toHaveLength(3);
      expect(entries.map(({ body }) => body)).toMatchObject(
        ['one', 'two', 'three'].map((text) => ({
          subscriber: { identifier: harness.conversation.address },
          messageContent: { type: 'TEXT', text },
        })),
      );
      expect(new Set(entries.map(({ messengerId }) => messengerId)).size).toBe(3);
      for (const { writtenAt } of entries) expect(writtenAt).toBeInstanceOf(Date);
    });

    it('tells what was sent, with what it was called', async () => {
      await send(dispatch('one'));
      await send(dispatch('two', file));
      const entries = await history('outbound');
      expect(entries.map(({ isText }) => isText)).toEqual([true, false]);
      // Nothing else ties a message to its entry where the dialect takes no comment.
      const isNamed = dialect === 'cascade' || dialect === 'legacy';
      if (isNamed) expect(entries.map(({ comment }) => comment)).toEqual(['amo:one', 'amo:two']);
    });

    it('says that it has no history for us', async () => {
      harness.shutHistory();
      await expect(history('inbound')).rejects.toMatchObject({ outcome: 'blocked' });
    });

    it('rejects what it cannot carry, with the reason', async () => {
      await expect(send(dispatch('one', contact))).rejects.toMatchObject({
        outcome: 'rejected',
        details: { reason: { key: 'not-supported' } },
      });
      expect(taken()).toEqual([]);
    });

    it('rejects a number that is none', async () => {
      if (dialect.startsWith('max')) return;
      await expect(send({ ...dispatch('one'), address: '123' })).rejects.toMatchObject({
        outcome: 'rejected',
        details: { reason: { key: 'bad-number' } },
      });
    });

    it('is blocked where the messenger does not know us', async () => {
      harness.refuse();
      await expect(send(dispatch('one'))).rejects.toMatchObject({ outcome: 'blocked' });
    });
  });
}
