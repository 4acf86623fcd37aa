import fc from 'fast-check';
import { DeliveryError } from '../src/domain/errors.js';
import type { InboundEvent, OutboundEvent } from '../src/domain/journal.js';
import { Lines } from '../src/domain/line.js';
import { inQuote, toParts, wording, type Message } from '../src/domain/message.js';
import type { Route } from '../src/domain/ports.js';
import {
  toAmojo,
  toAmojoChat,
  toAmojoEdit,
  toReaction,
} from '../src/infrastructure/amojo/amojo.mapper.js';
import { toEdna } from '../src/infrastructure/edna/edna.mapper.js';
import { wellFormed } from '../src/infrastructure/journal/well-formed.js';
import { toAccount } from '../src/presentation/webhooks/amocrm-account.mapper.js';
import { toEvent as fromAmocrm } from '../src/presentation/webhooks/amocrm-webhook.mapper.js';
import { toEvents as fromEdna } from '../src/presentation/webhooks/edna-webhook.mapper.js';
import { NotJson, readJson } from '../src/presentation/webhooks/json.js';
import type { Reading } from '../src/presentation/webhooks/reading.js';
import { aLine, aPost } from './builders.js';
import { fixture, fixtureNames } from './fixtures/fixture.ts';
import { anyJson, mutated } from './fuzzing/mutations.ts';
import { runs } from './fuzzing/runs.ts';
import { unsoundIn } from './fuzzing/sound.ts';
import { aConversation, aDispatch, CASCADE_ROUTE } from './outgoing.js';

const AT = new Date('2026-11-20T12:00:00Z');
const LINE = aLine();
const LINES = new Lines([LINE]);

const MAPPERS = {
  edna: (body: unknown): readonly Reading[] => fromEdna(body, aPost(AT)),
  amocrm: (body: unknown): readonly Reading[] => [
    fromAmocrm(body, { lines: LINES, signers: LINES.all, at: AT }),
  ],
} as const;

const SIDES = ['edna', 'amocrm'] as const;
const TYPES = new Set(['inbound', 'outbound', 'receipt', 'note', 'quarantine', 'ignored']);

const ROUTES: readonly Route[] = [
  CASCADE_ROUTE,
  { ...CASCADE_ROUTE, channelType: 'VIBER' },
  { dialect: 'simple', dropsRepeats: false },
  { dialect: 'legacy', dropsRepeats: true, subject: 'acme_wa_main' },
  { dialect: 'max-bot', dropsRepeats: false, channelType: 'MAX_BOT', subject: 'acme_max' },
  { dialect: 'max', dropsRepeats: false, channelType: 'MAX', subject: 'acme_max' },
];

/** What a body becomes is a message or a stated refusal, and a message can be stored and go on. */
function check(reading: Reading): void {
  if (!TYPES.has(reading.type)) throw new Error(`nothing that we know: ${reading.type}`);
  if (reading.type === 'quarantine') expect(reading.reason).toMatch(/^[a-z-]+(: [\w.]+)?$/);
  if (reading.type === 'ignored') return;
  const unsound = unsoundIn(reading);
  if (unsound !== undefined) throw new Error(unsound);
  const stored = wellFormed(reading);
  if (stored.type === 'inbound') goesIn(stored);
  if (stored.type === 'outbound') goesOut(stored);
}

function asStored(message: Message): Message {
  const { sentAt, ...rest } = message;
  return { ...(JSON.parse(JSON.stringify(rest)) as Message), sentAt };
}

function goesIn({ channel, address, subject, message: given }: InboundEvent): void {
  const message = asStored(given);
  const conversation = aConversation({ channel, address, subject });
  for (const language of ['ru', 'en'] as const) {
    const body = toAmojo(message, conversation, LINE, language);
    expect(unsoundIn(body)).toBeUndefined();
    expect(JSON.parse(JSON.stringify(body))).toBeTruthy();
    toAmojoEdit({ ...message, edits: message.sourceId }, conversation, LINE, language);
  }
  toReaction(message, conversation);
  toAmojoChat(message.sender, conversation, LINE);
  wording(message.content);
}

function goesOut({ message: given }: OutboundEvent): void {
  const message = asStored(given);
  inQuote(message.content);
  for (const content of toParts(message.content)) {
    for (const route of ROUTES) {
      try {
        const body = toEdna(aDispatch({ content, route }), LINE, 'ru');
        expect(unsoundIn(body)).toBeUndefined();
        expect(JSON.parse(JSON.stringify(body))).toBeTruthy();
      } catch (error) {
        if (!(error instanceof DeliveryError)) throw error;
      }
    }
  }
}

function read(side: (typeof SIDES)[number], raw: Buffer): void {
  let body: unknown;
  try {
    body = readJson(raw);
  } catch (error) {
    if (error instanceof NotJson) return;
    throw error;
  }
  for (const element of [body].flat()) for (const one of MAPPERS[side](element)) check(one);
}

describe.each(SIDES)('whatever %s posts', (side) => {
  const bodies = fixtureNames(side).map((name) => fixture(side, name));

  it('a body that is nearly right becomes a message or a stated refusal, and the message goes on', () => {
    fc.assert(
      fc.property(mutated(bodies), (text) => read(side, Buffer.from(text))),
      runs(700),
    );
  }, 600_000);

  it('so does any JSON', () => {
    fc.assert(
      fc.property(anyJson, (text) => read(side, Buffer.from(text))),
      runs(150),
    );
  }, 600_000);

  it('and whatever is no JSON is refused as that', () => {
    const spoilt = fc.tuple(mutated(bodies, 1), fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
      const raw = Buffer.from(text);
      raw[at % raw.length] = byte;
      return raw;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          spoilt,
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        (raw) => read(side, raw),
      ),
      runs(150),
    );
  }, 600_000);
});

describe('whatever comes to the address of the account', () => {
  const form = fc.array(
    fc.tuple(
      fc.constantFrom(
        'add',
        'chat_template_reviews',
        '__proto__',
        'constructor',
        '',
        '[',
        '%',
        'a',
      ),
      fc.array(fc.constantFrom('[0]', '[add]', '[id]', '[type]', '[__proto__]', '[', ']', '[]')),
      fc.constantFrom('waba', '6955', '', '%zz', '%00', '&', 'x'.repeat(500)),
    ),
  );

  it('it is about templates, or about something else', () => {
    const text = form.map((all) => all.map(([a, b, c]) => `${a}${b.join('')}=${c}`).join('&'));
    fc.assert(
      fc.property(fc.oneof(text, anyJson, fc.string()), (raw) => {
        const { kind } = toAccount(Buffer.from(raw));
        expect(['templates', 'account-event', 'unknown-shape']).toContain(kind);
      }),
      runs(150),
    );
  }, 600_000);
});
