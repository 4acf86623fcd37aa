import { randomInt } from 'node:crypto';
import type { ChatMessage } from '../amojo/chat.ts';
import type { ClientMessage } from '../edna/client-message.ts';
import type { Fault } from '../faults.ts';
import type { Scenario } from './scenario.ts';

/** People, messages and faults of one performance, by the names the scenario gives them. */
export class Cast {
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #messages = new Map<string, ClientMessage | ChatMessage>();
  readonly #faults = new Map<string, Fault>();
  readonly #all: Fault[] = [];

  constructor(people: Scenario['people']) {
    const phones = new Set<string>();
    if (Array.isArray(people)) while (phones.size < people.length) phones.add(inventedPhone());
    const invented = [...phones];
    const pairs = Array.isArray(people)
      ? people.map((name, index) => [name, invented[index] ?? ''] as const)
      : Object.entries(people);
    this.#addresses = new Map(pairs);
  }

  addressOf(name: string): string {
    return found(this.#addresses, name, 'человека');
  }

  remember(name: string | undefined, message: ClientMessage | ChatMessage): void {
    if (name !== undefined) this.#messages.set(name, message);
  }

  rememberFault(name: string | undefined, fault: Fault): void {
    this.#all.push(fault);
    if (name !== undefined) this.#faults.set(name, fault);
  }

  message(name: string): ClientMessage | ChatMessage {
    return found(this.#messages, name, 'сообщения');
  }

  /** @throws {Error} where the name belongs to a client's message */
  managerMessage(name: string): ChatMessage {
    const message = this.message(name);
    if (!('chat' in message))
      throw new Error(`${name} написал клиент, а нужно сообщение менеджера`);
    return message;
  }

  get faults(): Fault[] {
    return [...this.#all];
  }

  fault(name: string): Fault {
    return found(this.#faults, name, 'сбоя');
  }
}

function found<T>(items: ReadonlyMap<string, T>, name: string, kind: string): T {
  const item = items.get(name);
  if (item === undefined) throw new Error(`в сценарии нет ${kind} ${name}`);
  return item;
}

/**
 * One of half a million, none of which a scenario names itself: a bridge that ran before has hardly
 * met its client.
 */
function inventedPhone(): string {
  return `79995${String(randomInt(550_000)).padStart(6, '0')}`;
}
