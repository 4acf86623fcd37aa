import { FakeLinks } from '../../test/fakes/media.js';
import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { aLine, aMessage, SCOPE } from '../../test/builders.js';
import { aConversation } from '../../test/outgoing.js';
import { anInboundWork, around } from '../../test/works.js';
import { DeliveryError, type Outcome } from '../domain/errors.js';
import { inboundSourceId, noticeSourceId, outboundSourceId } from '../domain/ids.js';
import type { Change, InboundWork } from '../domain/journal.js';
import type { Content, Message } from '../domain/message.js';
import { Lines } from '../domain/line.js';
import { Settings } from '../domain/settings.js';
import { SignedMediaLinks } from '../infrastructure/media/signed-links.js';
import type { Circumstances, Done } from './done.js';
import { RouteInbound } from './route-inbound.js';

const fault = (outcome: Outcome, httpStatus?: number) =>
  new DeliveryError(outcome, `spec: ${outcome}`, { httpStatus });

const MINUTE_MS = 60_000;

describe('a client’s message on its way into the CRM', () => {
  let crm: FakeCrmChat;
  let route: RouteInbound;
  beforeEach(() => {
    crm = new FakeCrmChat();
    route = new RouteInbound(crm, new Settings());
  });

  const line = aLine();
  const run = (work: InboundWork = anInboundWork(), of?: Partial<Circumstances>) =>
    route.execute(work, line, around(of));
  const chat = () => crm.entries.map(({ message }) => message);
  const changeOf = <Type extends Change['type']>(done: Done, type: Type) =>
    done.changes.find((change): change is Extract<Change, { type: Type }> => change.type === type);
  const putOff = (done: Done) => changeOf(done, 'put-off')?.why;

  describe('with a file', () => {
    const content = (url: string) =>
      ({ kind: 'picture', attachment: { url, name: 'scratch.webp' }, caption: 'here' }) as const;
    const signed = 'https://files.example.test/Zk3v0.webp?Expires=1770715241&Signature=y';
    const work = (url: string) => anInboundWork({ message: aMessage({ content: content(url) }) });

    it('whose link expires is given one of ours, the same on every try', async () => {
      route = new RouteInbound(crm, new Settings(), new FakeLinks());
      const { messageId } = work(signed);
      const ours = `https://bridge.example.test/media/inbound-${messageId}/scratch.webp`;
      await run(work(signed));
      expect(chat()).toMatchObject([{ content: content(ours) }]);
    });

    it('has a link that works once it is in the chat, however long it waited', async () => {
      const now = new Date('2026-11-20T09:00:00Z');
      const settings = new Settings({ publicUrl: 'https://bridge.example.test', mediaDays: 1 });
      const links = new SignedMediaLinks(new Lines([line]), settings, { now: () => now });
      route = new RouteInbound(crm, new Settings(), links);
      await run(work(signed), { now });
      const { content: sent } = chat()[0] ?? {};
      const url = sent && 'attachment' in sent ? sent.attachment.url : '';
      const isDead = (at: string) => {
        now.setTime(Date.parse(at));
        return links.read(new URL(url).pathname.split('/')[2] ?? '') === 'expired';
      };
      expect([isDead('2026-11-21T08:00:00Z'), isDead('2026-11-21T09:00:01Z')]).toEqual([
        false,
        true,
      ]);
    });

    it.each([
      ['whose link lasts', new FakeLinks(), signed.replace('Expires', 'x')],
      ['keeps its link where there is no PUBLIC_URL', new FakeLinks(''), signed],
    ])('%s', async (_, links, url) => {
      route = new RouteInbound(crm, new Settings(), links);
      await run(work(url));
      expect(chat()).toMatchObject([{ content: content(url) }]);
    });
  });

  describe('that the CRM takes', () => {
    it('is handed over with the ids the CRM gave it', async () => {
      const work = anInboundWork();
      const done = await run(work);
      expect(chat()).toEqual([work.message]);
      const [{ messageId, chatId, participantId }] = crm.entries as [(typeof crm.entries)[0]];
      expect(done).toMatchObject({
        changes: [
          {
            type: 'inbound-handed-over',
            messageId: work.messageId,
            conversation: work.conversation.id,
            delivered: { messageId, chatId, participantId },
            linkedChatId: undefined,
          },
        ],
        next: 'go-on',
        attempt: { kind: 'inbound', messageId: work.messageId, outcome: 'taken' },
      });
      expect(done.fault).toBeUndefined();
    });

    it('links the chat that a manager had opened, and says which one', async () => {
      const opened = crm.open();
      const conversation = aConversation({ ...opened, toBeLinked: true });
      const done = await run(anInboundWork({ conversation }));
      expect(changeOf(done, 'inbound-handed-over')?.linkedChatId).toBe(opened.chatId);
      expect(crm.in(opened.chatId)).toHaveLength(1);
    });
  });

  describe('that may still pass', () => {
    it.each([
      ['not-sent', 'failed'],
      ['unknown', 'unknown'],
      ['blocked', 'waits'],
    ] as const)('waits after "%s", which counts as "%s"', async (outcome, why) => {
      crm.failNext(fault(outcome, 599));
      const done = await run();
      expect(done.changes).toEqual([{ type: 'put-off', messageId: 7, kind: 'inbound', why }]);
      expect(done.attempt).toMatchObject({ outcome, httpStatus: 599, error: `spec: ${outcome}` });
      expect(done.fault?.outcome).toBe(outcome);
      expect(chat()).toEqual([]);
    });

    it('waits longer each time, up to the limit', async () => {
      crm.failNext(fault('not-sent'), 'before', 4);
      const waits: Done['next'][] = [];
      for (const tries of [0, 1, 4, 40]) {
        waits.push((await run(anInboundWork({ tries }), { jitter: 0.5 })).next);
      }
      expect(waits).toEqual([1_500, 2_500, 16_500, 150_500].map((afterMs) => ({ afterMs })));
    });

    it('is repeated without end, and never doubled', async () => {
      crm.failNext(fault('unknown'), 'after', 3);
      const age = { waitedMs: 3_000 * MINUTE_MS, failingMs: 3_000 * MINUTE_MS };
      for (let tries = 0; tries < 3; tries += 1) {
        expect(putOff(await run(anInboundWork({ tries, age })))).toBe('unknown');
      }
      expect((await run(anInboundWork({ tries: 3, age }))).next).toBe('go-on');
      expect(chat()).toHaveLength(1);
    });

    it('stopped by a mistake of ours is not lost, and nothing of it is logged but the kind', async () => {
      crm.deliver = () => Promise.reject(new TypeError('cannot read 79995550142'));
      const done = await run();
      expect(putOff(done)).toBe('unknown');
      expect(done.attempt?.error).toBe('mistake of ours: TypeError');
    });
  });

  describe('that is a reaction taken back', () => {
    const takesBack = (quote: Message['quote']) =>
      anInboundWork({ message: aMessage({ content: { kind: 'reaction', emoji: '' }, quote }) });
    const linked = outboundSourceId(SCOPE, 'b47f09ce');

    it('is told the CRM, and links no chat that a manager had opened', async () => {
      crm.reactions.set('b47f09ce', '👍');
      const conversation = aConversation({ ...crm.open(), toBeLinked: true });
      const done = await run({ ...takesBack({ linked }), conversation });
      expect(crm.reactions.size).toBe(0);
      expect(changeOf(done, 'inbound-handed-over')?.linkedChatId).toBeUndefined();
    });

    it.each([undefined, { text: 'Order 118' }])(
      'from something nobody knows (%j) is noted, and nobody is asked',
      async (quote) => {
        const done = await run(takesBack(quote));
        expect(done).toMatchObject({ next: 'go-on', attempt: { outcome: 'noted' } });
        expect(changeOf(done, 'inbound-handed-over')).toBeDefined();
        expect(crm.calls).toMatchObject({ react: 0, deliver: 0, find: 0 });
      },
    );

    it('is over where the CRM has no such message', async () => {
      crm.unknownMessages.add('b47f09ce');
      const done = await run(takesBack({ linked, text: 'Order 118' }));
      expect(done).toMatchObject({ next: 'go-on', attempt: { outcome: 'rejected' } });
      expect(done.changes.map(({ type }) => type)).toEqual(['inbound-handed-over']);
      expect(chat()).toEqual([]);
    });

    it('waits while the CRM is away, and no longer than it takes the messages of others', async () => {
      for (const [outcome, why] of [
        ['blocked', 'waits'],
        ['unknown', 'unknown'],
        ['not-sent', 'failed'],
      ] as const) {
        crm.failNext(fault(outcome));
        expect(putOff(await run(takesBack({ linked })))).toBe(why);
      }
      crm.failNext(fault('unknown'));
      const old = { ...takesBack({ linked }), age: { waitedMs: 0, failingMs: 10 * MINUTE_MS } };
      expect((await run(old, { othersPass: true })).next).toBe('go-on');
    });
  });

  describe('that the CRM rejects', () => {
    const picture: Content = {
      kind: 'picture',
      attachment: { url: 'https://files.example.test/a.jpg', name: 'a.jpg' },
      caption: 'the red one',
    };

    it('is handed over where the chat’s history shows that it is there', async () => {
      crm.failNext(fault('rejected', 400), 'after');
      const done = await run();
      expect(changeOf(done, 'inbound-handed-over')?.delivered.messageId).toBe(
        crm.entries[0]?.messageId,
      );
      expect(chat()).toHaveLength(1);
    });

    it.each<[Content, string]>([
      [picture, 'the red one\na.jpg\nhttps://files.example.test/a.jpg'],
      [{ ...picture, caption: ' ', attachment: { url: 'https://x.test/1' } }, 'https://x.test/1'],
      [{ kind: 'location', latitude: 55.75, longitude: 37.61, address: '' }, '55.75, 37.61'],
      [{ kind: 'contact', name: 'Vera', phone: '79995550142', text: '' }, 'Vera 79995550142'],
      [
        { kind: 'unsupported', substitute: 'unknown-type', type: 'poll', text: 'A or B?' },
        'A or B?\npoll',
      ],
    ])('goes as plain text under the same id: %j', async (content, text) => {
      crm.failNext(fault('rejected', 400));
      const message = aMessage({
        content,
        quote: { text: 'quoted' },
        sender: { name: 'Vera', avatarUrl: 'https://files.example.test/vera.png' },
      });
      const done = await run(anInboundWork({ message }));
      expect(done.next).toBe('go-on');
      const { sourceId, sentAt } = message;
      const plain: Message = {
        sourceId,
        sentAt,
        sender: { name: 'Vera' },
        content: { kind: 'text', text },
      };
      expect(chat()).toEqual([plain]);
    });

    it('goes with its quote in words first, as the file it is', async () => {
      crm.failNext(fault('rejected', 400));
      const quote = { text: 'Order 118 is packed.', linked: outboundSourceId(SCOPE, 'b47f09ce') };
      const message = aMessage({ content: picture, quote });
      await run(anInboundWork({ message }));
      expect(chat()).toEqual([{ ...message, quote: { text: quote.text } }]);
    });

    it('stands as a message of its own where it corrects what is not there', async () => {
      const message = aMessage({ edits: inboundSourceId('71844', '9') });
      await run(anInboundWork({ message }));
      expect(chat()).toEqual([{ ...message, edits: undefined }]);
    });

    it('stands as a line under what it quotes where it was a reaction', async () => {
      const quote = { text: 'Order 118', linked: outboundSourceId(SCOPE, 'nobody’s') };
      crm.unknownMessages.add('nobody’s');
      const message = aMessage({ content: { kind: 'reaction', emoji: '👍' }, quote });
      const done = await run(anInboundWork({ message }));
      expect(done.next).toBe('go-on');
      expect(chat()).toEqual([{ ...message, quote: { text: 'Order 118' } }]);
    });

    it('goes into a chat of its own where the one a manager opened is not there any more', async () => {
      const conversation = aConversation({ ...crm.open(), toBeLinked: true });
      crm.deliver = (message, where, line) =>
        where.toBeLinked
          ? Promise.reject(fault('rejected', 400))
          : FakeCrmChat.prototype.deliver.call(crm, message, where, line);
      const work = anInboundWork({ conversation });
      const done = await run(work);
      expect(chat()).toEqual([work.message]);
      expect(changeOf(done, 'inbound-handed-over')?.delivered.chatId).not.toBe(conversation.chatId);
    });

    it('and rejects as plain text too has failed, and leaves a notice', async () => {
      crm.failNext(fault('rejected', 422));
      crm.find = () => Promise.resolve(undefined);
      crm.failNext(fault('rejected', 400));
      const message = aMessage({ content: picture });
      const done = await run(anInboundWork({ message }));
      expect(done.changes).toEqual([
        {
          type: 'inbound-failed',
          messageId: 7,
          reason: { key: 'amo-rejected', args: { code: '400' } },
          notice: {
            sourceId: noticeSourceId(message.sourceId),
            sender: { name: 'Vera' },
            content: {
              kind: 'text',
              text: '[Сообщение клиента не удалось передать. Посмотрите в edna]',
            },
            sentAt: message.sentAt,
          },
        },
      ]);
      expect(done).toMatchObject({ next: 'go-on', attempt: { outcome: 'rejected' } });
    });

    it('and that is plain text already has failed without being sent again', async () => {
      crm.failNext(fault('rejected'));
      const done = await run();
      expect(changeOf(done, 'inbound-failed')?.reason).toEqual({ key: 'amo-rejected', args: {} });
      expect(crm.calls).toMatchObject({ deliver: 1, find: 1 });
    });

    it('leaves a notice in the language of the settings', async () => {
      route = new RouteInbound(crm, new Settings({ language: 'en' }));
      crm.failNext(fault('rejected', 400));
      expect(changeOf(await run(), 'inbound-failed')?.notice?.content).toEqual({
        kind: 'text',
        text: '[A message of the client could not be passed on. See it in edna]',
      });
    });

    it('leaves no second notice where it is the notice', async () => {
      crm.failNext(fault('rejected', 400));
      const message = aMessage({ sourceId: noticeSourceId(inboundSourceId('71844', '1')) });
      const failed = changeOf(await run(anInboundWork({ message })), 'inbound-failed');
      expect(failed).toMatchObject({ type: 'inbound-failed' });
      expect(failed?.notice).toBeUndefined();
    });

    it('has not failed while the history cannot be looked at', async () => {
      for (const [outcome, why] of [
        ['unknown', 'unknown'],
        ['not-sent', 'failed'],
        ['blocked', 'waits'],
      ] as const) {
        crm.failNext(fault('rejected', 400));
        crm.failNext(fault(outcome));
        const done = await run(anInboundWork({ message: aMessage({ content: picture }) }));
        expect(putOff(done)).toBe(why);
        expect(done.fault?.outcome).toBe(outcome);
      }
      expect(chat()).toEqual([]);
    });

    it('waits where its plain text may have been taken', async () => {
      crm.failNext(fault('rejected', 400));
      crm.find = () => Promise.resolve(undefined);
      crm.failNext(fault('unknown'), 'after');
      const work = anInboundWork({ message: aMessage({ content: picture }) });
      expect(putOff(await run(work))).toBe('unknown');
    });

    it('just after an outcome nobody knows is looked for again when the history has caught up', async () => {
      crm.failNext(fault('rejected', 400), 'before', 1);
      const soon = await run(anInboundWork({ tries: 1, age: { unknownMs: 9_999 } }));
      expect(putOff(soon)).toBe('failed');
      expect(soon.next).toEqual({ afterMs: 10_000 });

      crm.failNext(fault('rejected', 400), 'before', 1);
      const later = await run(anInboundWork({ tries: 2, age: { unknownMs: 10_000 } }));
      expect(changeOf(later, 'inbound-failed')).toBeDefined();
    });
  });
});
