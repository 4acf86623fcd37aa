import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { FakeCrmContacts } from '../../test/fakes/crm-contacts.js';
import { FakeStories } from '../../test/fakes/stories.js';
import { aLine, aMessage, SCOPE } from '../../test/builders.js';
import { aConversation } from '../../test/outgoing.js';
import { anInboundWork, around } from '../../test/works.js';
import type { Contact } from '../domain/contacts.js';
import { DeliveryError, JournalUnavailable, type Outcome } from '../domain/errors.js';
import { inboundSourceId, lineKey } from '../domain/ids.js';
import type { Conversation } from '../domain/conversation.js';
import type { InboundWork } from '../domain/journal.js';
import { Lines } from '../domain/line.js';
import { LinkContact, type Linking } from './link-contact.js';

const fault = (outcome: Outcome, httpStatus?: number) =>
  new DeliveryError(outcome, `spec: ${outcome}`, { httpStatus });
const card = (id: number, more: Partial<Contact> = {}): Contact => ({
  id,
  hasOpenLead: false,
  changedAt: new Date('2026-01-01T00:00:00Z'),
  ...more,
});
/** Lets what was begun beside the lane come to its end. */
const rest = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a client’s first message', () => {
  const PHONE = '79995550142';
  let crm: FakeCrmChat;
  let contacts: FakeCrmContacts;
  let stories: FakeStories;
  let link: LinkContact;
  const OTHER = { ...aLine({}, { sourceExternalId: 'max' }), key: lineKey(SCOPE, 'max') };
  const anew = () => new LinkContact(crm, contacts, stories, new Lines([aLine(), OTHER]));
  let nowMs: number;
  beforeEach(() => {
    crm = new FakeCrmChat();
    contacts = new FakeCrmContacts();
    stories = new FakeStories();
    link = anew();
    nowMs = Date.parse('2026-02-03T09:20:41Z');
  });

  const work = (more: Partial<InboundWork['conversation']> = {}) =>
    anInboundWork({ conversation: aConversation({ chatId: undefined, ...more }) });
  const look = (one = work(), line = aLine()) =>
    link.execute(one, line, around({ now: new Date(nowMs) }));
  /** Asked again and again, as the lane does it, until the message may go. */
  const until = async (one = work(), line = aLine()): Promise<{ last: Linking; ms: number }> => {
    const beganAt = nowMs;
    for (let i = 0; i < 1_000; i += 1) {
      const last = look(one, line);
      if (last.kind !== 'wait') return { last, ms: nowMs - beganAt };
      const { next } = last.done;
      nowMs += typeof next === 'object' ? next.afterMs : 0;
      await rest();
    }
    throw new Error('it waits for ever');
  };

  it('of a client who has a card goes into a chat in that card', async () => {
    contacts.cards.set(PHONE, [card(7)]);
    expect(await until()).toEqual({ last: { kind: 'done' }, ms: 150 });
    expect([...contacts.links.values()]).toEqual([7]);
    const { chatId } = await crm.openChat(work().conversation, aMessage().sender, aLine());
    expect(contacts.links.get(chatId)).toBe(7);
  });

  it('goes into his card though another program has opened the chat, unless it stands in one', async () => {
    contacts.cards.set(PHONE, [card(7)]);
    const { chatId } = await crm.openChat(work().conversation, aMessage().sender, aLine());
    await until(work({ chatId, isUnmet: true }));
    expect([...contacts.links]).toEqual([[chatId, 7]]);
    contacts.links.set(chatId, 99);
    await until(work({ id: 2, chatId, isUnmet: true }));
    expect([...contacts.links]).toEqual([[chatId, 99]]);
  });

  it('of a stranger is left to the CRM, and opens no chat beforehand', async () => {
    expect(await until()).toEqual({ last: { kind: 'done' }, ms: 150 });
    expect(contacts.links.size).toBe(0);
    expect(crm.calls.openChat).toBe(0);
  });

  it('of a client with several cards goes into the one that is worked on, else the latest', async () => {
    const newer = new Date('2026-02-01T00:00:00Z');
    contacts.cards.set(PHONE, [card(7, { changedAt: newer }), card(8, { hasOpenLead: true })]);
    await until();
    expect([...contacts.links.values()]).toEqual([8]);
    contacts.cards.set('79995550143', [card(7), card(9, { changedAt: newer })]);
    await until(work({ id: 2, address: '79995550143' }));
    expect([...contacts.links.values()]).toEqual([8, 9]);
  });

  it('leaves a chat in the card that somebody has put it into', async () => {
    contacts.cards.set(PHONE, [card(7)]);
    const { chatId } = await crm.openChat(work().conversation, aMessage().sender, aLine());
    contacts.links.set(chatId, 99);
    await until();
    expect([...contacts.links.values()]).toEqual([99]);
  });

  it('goes into the card though the bridge started again between the chat and its link', async () => {
    contacts.cards.set(PHONE, [card(7)]);
    contacts.linkRefused = fault('not-sent');
    look();
    await rest();
    contacts.linkRefused = undefined;
    link = anew();
    expect((await until()).last).toEqual({ kind: 'done' });
    expect([...contacts.links.values()]).toEqual([7]);
  });

  it('on two channels at once goes into one card on both', async () => {
    contacts.cards.set(PHONE, [card(7)]);
    const other = work({ id: 2, channel: '71845' });
    look();
    look(other);
    await rest();
    expect([look(), look(other)]).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    expect([...contacts.links.values()]).toEqual([7, 7]);
  });

  describe('of a stranger who wrote on another channel before', () => {
    const ago = (ms: number) => new Date(nowMs - ms);
    const second = (more: Partial<Conversation> = {}) => work({ id: 2, channel: '71845', ...more });
    const first = (more: Partial<Conversation> = {}) => {
      stories.kept = [aConversation({ chatId: 'first', lastInboundAt: ago(1_000), ...more })];
    };

    it('goes into the card that the CRM made of it, also of another number of the company', async () => {
      first();
      contacts.links.set('first', 99);
      expect(await until(second())).toEqual({ last: { kind: 'done' }, ms: 150 });
      expect([...contacts.links.values()]).toEqual([99, 99]);
      first({ line: OTHER.key });
      expect(await until(second({ id: 3, channel: '71846' }))).toEqual({
        last: { kind: 'done' },
        ms: 150,
      });
      expect([...contacts.links.values()]).toEqual([99, 99, 99]);
    });

    it('at the same moment waits for that card, and the first one goes ahead', async () => {
      first({ chatId: undefined });
      const [one, other] = [work(), second()];
      expect([look(one).kind, look(other).kind]).toEqual(['wait', 'wait']);
      await rest();
      expect([look(one).kind, look(other).kind]).toEqual(['done', 'wait']);
      first();
      contacts.links.set('first', 99);
      const { last, ms } = await until(other);
      expect(last).toEqual({ kind: 'done' });
      expect(ms).toBeLessThan(6_000);
      expect([...contacts.links.values()]).toEqual([99, 99]);
    });

    it('is looked for again where the journal was away', async () => {
      stories.failure = new JournalUnavailable(new Error('spec'));
      first();
      contacts.links.set('first', 99);
      expect(look(second()).kind).toBe('wait');
      await rest();
      stories.failure = undefined;
      expect((await until(second())).last).toEqual({ kind: 'done' });
      expect([...contacts.links.values()]).toEqual([99, 99]);
    });

    it('goes all the same where that card does not come, and the timeline says so', async () => {
      first();
      const { last, ms } = await until(second());
      expect(last).toMatchObject({
        kind: 'left-to-crm',
        note: { error: expect.stringContaining('has not made the card of his other chat yet') },
      });
      expect(ms).toBeLessThan(30_000);
      expect(contacts.links.size).toBe(0);
    });

    it('waits for nothing where that was long ago, or in another account', async () => {
      first({ lastInboundAt: ago(10 * 60_000) });
      expect(await until(second())).toEqual({ last: { kind: 'done' }, ms: 150 });
      first();
      const elsewhere = aLine({}, { accountId: '11111111-2222-4333-8444-555555555555' });
      expect(await until(second({ id: 4 }), elsewhere)).toEqual({
        last: { kind: 'done' },
        ms: 150,
      });
      expect(contacts.links.size).toBe(0);
    });
  });

  it('is asked about once, however often it is tried afterwards', async () => {
    await until();
    expect(look()).toEqual({ kind: 'done' });
    expect(contacts.searches).toBe(1);
  });

  it.each([
    ['has a chat', { chatId: 'chat' }],
    ['was written to first', { toBeLinked: true }],
    ['has no phone', { address: '40117702' }],
  ])('of one who %s needs no card', (_, conversation) => {
    expect(look(work(conversation))).toEqual({ kind: 'done' });
    expect(contacts.searches).toBe(0);
  });

  it('needs no card where the operator leaves it to the CRM, or nothing can be asked', () => {
    expect(look(work(), aLine({}, { knownClient: 'let-amo' }))).toEqual({ kind: 'done' });
    contacts.isReachable = false;
    expect(look()).toEqual({ kind: 'done' });
    expect(contacts.searches).toBe(0);
  });

  it('that corrects another one opens no chat', () => {
    const message = aMessage({ edits: inboundSourceId('71844', '1') });
    expect(look({ ...work(), message })).toEqual({ kind: 'done' });
    expect(contacts.searches).toBe(0);
  });

  it('that a program puts there in the company’s name waits for no card', () => {
    const author = { kind: 'manager', id: 'manager:1', refId: '1' } as const;
    expect(look({ ...work(), message: aMessage({ author }) })).toEqual({ kind: 'done' });
    expect(contacts.searches).toBe(0);
  });

  it.each(['contact', 'chat'] as const)(
    'goes at once where the %s is gone when it is to be linked',
    async (what) => {
      contacts.cards.set(PHONE, [card(7)]);
      contacts.gone.add(what);
      const { last, ms } = await until();
      expect(last).toMatchObject({ kind: 'left-to-crm', note: { outcome: 'rejected' } });
      expect(ms).toBe(150);
      expect(contacts.searches).toBe(1);
    },
  );

  describe('while the cards cannot be had', () => {
    it('waits for them, and is not lost', async () => {
      contacts.failNext(fault('not-sent', 429), fault('unknown'));
      contacts.cards.set(PHONE, [card(7)]);
      const { last, ms } = await until();
      expect(last).toEqual({ kind: 'done' });
      expect(ms).toBeLessThan(30_000);
      expect([...contacts.links.values()]).toEqual([7]);
    });

    it('goes after three tries, and the timeline says so', async () => {
      const errors = Array.from({ length: 3 }, () => fault('not-sent', 503));
      contacts.failNext(...errors);
      const { last, ms } = await until();
      expect(last).toMatchObject({
        kind: 'left-to-crm',
        note: {
          kind: 'inbound',
          outcome: 'not-sent',
          httpStatus: 503,
          error: 'contact not looked up, left to amoCRM: spec: not-sent',
        },
      });
      expect(ms).toBeLessThan(30_000);
      expect(contacts.searches).toBe(3);
    });

    it('goes after half a minute without an answer', async () => {
      contacts.hold();
      const { last, ms } = await until();
      expect(last).toMatchObject({
        kind: 'left-to-crm',
        note: { error: 'contact not looked up, left to amoCRM: no answer in time' },
      });
      expect(ms).toBeGreaterThanOrEqual(30_000);
      expect(ms).toBeLessThan(31_000);
      contacts.release();
      await rest();
    });

    it.each([401, 402, 403])('goes at once where the answer is %d', async (status) => {
      contacts.failNext(fault('blocked', status));
      const { last, ms } = await until();
      expect(last).toMatchObject({ kind: 'left-to-crm', note: { httpStatus: status } });
      expect(ms).toBe(150);
      expect(contacts.searches).toBe(1);
    });

    it('is the CRM’s to decide once the message went: an answer that comes later changes nothing', async () => {
      contacts.hold();
      contacts.cards.set(PHONE, [card(7)]);
      expect((await until()).last.kind).toBe('left-to-crm');
      contacts.release();
      await rest();
      expect(crm.calls.openChat).toBe(0);
      expect(contacts.links.size).toBe(0);
    });

    it('is asked about anew where nobody came back for the answer in its time', async () => {
      contacts.failNext(fault('not-sent', 503));
      contacts.cards.set(PHONE, [card(7)]);
      expect(look().kind).toBe('wait');
      await rest();
      // The chats were away, or another replica had the lane.
      nowMs += 60 * 60_000;
      expect((await until()).last).toEqual({ kind: 'done' });
      expect([...contacts.links.values()]).toEqual([7]);
    });

    it.each(['rejected', 'blocked'] as const)(
      'goes at once where the card is found and the chat may not be put into it (%s)',
      async (outcome) => {
        contacts.cards.set(PHONE, [card(7)]);
        contacts.linkRefused = fault(outcome, 400);
        const { last, ms } = await until();
        expect(last).toMatchObject({ kind: 'left-to-crm', note: { httpStatus: 400 } });
        expect(ms).toBe(150);
        expect(contacts.searches).toBe(1);
      },
    );

    it('holds up nobody else’s', async () => {
      contacts.hold();
      look();
      contacts.release();
      expect(await until(work({ id: 2, address: '79995550143' }))).toMatchObject({
        last: { kind: 'done' },
      });
    });
  });
});
