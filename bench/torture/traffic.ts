import type { ChatMessage } from '../../sandbox/amojo/chat.ts';
import { shownIn } from '../../sandbox/amojo/chat.ts';
import type { ClientMessage } from '../../sandbox/edna/client-message.ts';
import type { OutMessage } from '../../sandbox/edna/out-message.ts';
import type { Parcel } from '../../sandbox/outbox.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { Dice } from './dice.ts';
import type { Arrived, Facts, Mark, Written } from './verdict.ts';

const FIRST_PHONE = 79_995_560_000;
/** Clients who write from the beginning on; one more comes each so often. */
const CLIENTS_AT_ONCE = 20;
const NEW_CLIENT_EVERY_MS = 3_000;
/** One message in so many carries a picture. */
const PICTURES = 12;

/** Somebody writes. */
interface Line {
  readonly atMs: number;
  readonly side: 'client' | 'manager';
  /** Number of the conversation, from 0. */
  readonly conversation: number;
  readonly hasPicture: boolean;
}

/** Clients and managers who write through the twins, and what they heard and saw. */
export class Traffic {
  readonly #sandbox: Sandbox;
  readonly #lines: readonly Line[];
  readonly #fromClients = new Map<string, ClientMessage>();
  readonly #fromManagers = new Map<string, ChatMessage>();
  readonly #writing = new Set<Promise<unknown>>();
  #next: NodeJS.Timeout | undefined;
  #number = 0;

  constructor(sandbox: Sandbox, seed: number, seconds: number, perSecond: number) {
    this.#sandbox = sandbox;
    this.#lines = linesOf(seed, seconds, perSecond);
  }

  begin(): void {
    const beganAt = performance.now();
    const go = ([line, ...rest]: readonly Line[]): void => {
      if (!line) return;
      this.#next = setTimeout(
        () => {
          this.#write(line);
          go(rest);
        },
        Math.max(0, beganAt + line.atMs - performance.now()),
      );
    };
    go(this.#lines);
  }

  /** Nobody writes any more; resolves when all have heard something. */
  async end(): Promise<void> {
    clearTimeout(this.#next);
    await Promise.all(this.#writing);
  }

  /** Everything the twins posted to the bridge. */
  get parcels(): readonly Parcel[] {
    const fromManagers = [...this.#fromManagers.values()].flatMap(({ parcel }) => parcel ?? []);
    return [...this.#sandbox.edna.callbacks, ...fromManagers];
  }

  #write({ side, conversation, hasPicture }: Line): void {
    const address = String(FIRST_PHONE + conversation);
    const chat = side === 'manager' ? this.#chat(address) : undefined;
    this.#number += 1;
    const words = `Разговор ${conversation}, сообщение ${this.#number}`;
    if (chat) {
      const content = hasPicture ? ({ type: 'picture', text: words } as const) : words;
      const written = this.#sandbox.manager.writes(chat, content);
      // It stands in the chat before its hook is answered.
      const message = chat.messages.at(-1);
      if (message) this.#fromManagers.set(words, message);
      this.#keep(written);
      return;
    }
    const content = hasPicture ? { type: 'IMAGE', caption: words } : words;
    const written = this.#sandbox.client(address).writes(content);
    const message = this.#sandbox.edna.clients.messages.at(-1);
    if (message) this.#fromClients.set(words, message);
    this.#keep(written);
  }

  #keep(written: Promise<unknown>): void {
    const kept = written.finally(() => this.#writing.delete(kept));
    this.#writing.add(kept);
  }

  #chat(address: string) {
    return this.#sandbox.amojo.book.withClient(address).find(({ messages }) => messages.length > 0);
  }

  /** @param ledger what it counts; it takes long over a long run */
  facts(ledger: Facts['ledger']): Facts {
    const { edna, amojo } = this.#sandbox;
    const { chats } = amojo.book;
    const rows = chats.flatMap((chat) =>
      shownIn(chat).filter(({ direction }) => direction === 'incoming'),
    );
    const shown = edna.messages
      .filter(({ shownSeq }) => shownSeq !== undefined)
      .toSorted((one, other) => (one.shownSeq ?? 0) - (other.shownSeq ?? 0));
    const pictures = new Set(
      [...this.#fromManagers.values()].flatMap(({ media }) => amojo.hashOf(media) ?? []),
    );
    return {
      written: [...this.#writtenByClients(), ...this.#writtenByManagers()],
      arrived: [
        ...rows.filter(({ text }) => text !== '').map(inChat),
        ...shown.flatMap(({ address, content }) =>
          content.text === null ? [] : [{ words: content.text, stream: `to ${address}` }],
        ),
      ],
      strange: [
        ...rows.filter(({ text }) => text === '').map(({ type, chat }) => `${type} in ${chat.id}`),
        ...shown
          .filter(({ content, file }) => content.text === null && !pictures.has(file?.sha1 ?? ''))
          .map(({ address, content }) => `${content.type} on ${address}`),
        ...secondChats(chats.filter(({ messages }) => messages.length > 0)),
        ...Array.from(
          { length: Math.max(0, amojo.book.leads - chats.length) },
          () => 'a lead beyond one for each chat',
        ),
      ],
      ledger,
    };
  }

  #writtenByClients(): Written[] {
    return [...this.#fromClients].map(([words, { address, parcel }]) => ({
      words,
      stream: `from ${address}`,
      ...passage(parcel),
    }));
  }

  #writtenByManagers(): Written[] {
    const { edna, amojo } = this.#sandbox;
    const parts = Map.groupBy(
      edna.messages,
      ({ content, file }) => content.text ?? file?.sha1 ?? '',
    );
    const receipts = acceptedReceipts(edna.callbacks);
    return [...this.#fromManagers].map(([words, { chat, media, parcel, reports }]) => {
      const names = [words, ...(media === '' ? [] : [amojo.hashOf(media) ?? media])];
      const own = names.map((name) => parts.get(name)?.[0]);
      const told = reports.map(({ statusCode }) => statusCode);
      return {
        words,
        stream: `to ${addressIn(chat)}`,
        ...passage(parcel),
        mark: { ...markOf(own, receipts), told },
      };
    });
  }
}

function linesOf(seed: number, seconds: number, perSecond: number): Line[] {
  const dice = new Dice(seed, 'traffic');
  const lines: Line[] = [];
  for (let atMs = 0; ; atMs += dice.between(0, 2000 / perSecond)) {
    if (atMs >= seconds * 1000) return lines;
    lines.push({
      atMs,
      side: dice.oneOf(['client', 'manager']),
      conversation: dice.below(CLIENTS_AT_ONCE + atMs / NEW_CLIENT_EVERY_MS),
      hasPicture: dice.below(PICTURES) === 0,
    });
  }
}

function passage(parcel: Parcel | undefined): Omit<Written, 'words' | 'stream'> {
  return {
    isAccepted: parcel?.attempts.some(({ status }) => status === 200) ?? false,
    writtenSeq: parcel?.seq,
    postedSeq: parcel?.postedSeq,
    acceptedSeq: parcel?.takenSeq,
  };
}

function inChat({ text, chat }: ChatMessage): Arrived {
  return { words: text, stream: `from ${addressIn(chat)}` };
}

/** The client's address is the end of the id the bridge gave the chat, or of the phone it told. */
function addressIn({ client }: ChatMessage['chat']): string {
  return (client.phone ?? client.clientId ?? '').replace(/^.*:/, '').replace(/\D/g, '');
}

/** `requestId` → the highest receipt that was answered with 200, as amoCRM's code. */
function acceptedReceipts(callbacks: readonly Parcel[]): Map<string, number> {
  const codes: Partial<Record<string, number>> = { DELIVERED: 1, READ: 2 };
  const highest = new Map<string, number>();
  for (const { endpoint, attempts, raw } of callbacks) {
    if (endpoint !== 'status' || !attempts.some(({ status }) => status === 200)) continue;
    const { requestId, status } = JSON.parse(raw) as { requestId: string; status: string };
    highest.set(requestId, Math.max(highest.get(requestId) ?? 0, codes[status] ?? 0));
  }
  return highest;
}

/** Of a message in several parts, its mark is that of the part which is furthest behind. */
function markOf(
  parts: readonly (OutMessage | undefined)[],
  receipts: ReadonlyMap<string, number>,
): Pick<Mark, 'accepted'> {
  const code = Math.min(...parts.map((part) => receipts.get(part?.requestId ?? '') ?? 0));
  return code > 0 ? { accepted: code } : {};
}

function secondChats(chats: readonly ChatMessage['chat'][]): string[] {
  const byClient = Map.groupBy(chats, addressIn);
  return [...byClient].flatMap(([address, own]) =>
    own.slice(1).map(() => `a second chat of ${address}`),
  );
}
