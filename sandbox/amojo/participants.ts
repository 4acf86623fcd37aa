import { randomUUID } from 'node:crypto';
import { digitsOf, type Participant } from './chat.ts';
import type { Person } from './person.ts';
import { refuseData } from './refusals.ts';
import { accountOfScope, type AmojoSettings } from './settings.ts';

/** Who takes part in chats: the clients of each scope, and the company's own people. */
export class Participants {
  readonly #settings: AmojoSettings;
  readonly #byId = new Map<string, Participant>();
  readonly #byClientId = new Map<string, Participant>();
  readonly #staff = new Map<string, Participant>();
  readonly #scopes = new Map<string, Participant[]>();

  constructor(settings: AmojoSettings) {
    this.#settings = settings;
  }

  /**
   * The client a body names: joined by amojo's id, found by the integration's, or new.
   * @param field where the person stands in the body
   * @throws {Refusal} 400 for a `ref_id` amojo does not know
   */
  client(scopeId: string, person: Person, field: string): Participant {
    const { id, refId, name, phone, email, avatar } = person;
    const byRef = refId === undefined ? undefined : this.#byId.get(`${scopeId}/${refId}`);
    if (refId !== undefined && byRef === undefined) {
      throw refuseData(`${field}.ref_id`, 'no such participant');
    }
    const known = byRef ?? this.#byClientId.get(`${scopeId}/${id}`);
    if (known === undefined) {
      const client = { id: randomUUID(), clientId: id, role: 'client', name, phone } as const;
      return this.join(scopeId, { ...client, email, avatar });
    }
    known.clientId ??= id;
    if (name !== '') known.name = name;
    known.phone ??= phone;
    known.email ??= email;
    known.avatar = avatar ?? known.avatar;
    return this.join(scopeId, known);
  }

  /** Makes a client known by both ids. */
  join(scopeId: string, person: Participant): Participant {
    this.#byId.set(`${scopeId}/${person.id}`, person);
    if (person.clientId !== undefined) {
      this.#byClientId.set(`${scopeId}/${person.clientId}`, person);
    }
    const all = this.#scopes.get(scopeId) ?? [];
    if (!all.includes(person)) this.#scopes.set(scopeId, [...all, person]);
    return person;
  }

  /** A client the integration has named, by the phone in digits. */
  withPhone(scopeId: string, phone: string): Participant | undefined {
    return this.#scopes
      .get(scopeId)
      ?.find(
        (person) => person.clientId !== undefined && digitsOf(person.phone) === digitsOf(phone),
      );
  }

  /** A user of the account or the channel's bot. @throws {Refusal} 400 where it is none */
  employee(scopeId: string, { id, refId }: Person, field: string): Participant {
    const found = this.staffOf(scopeId).find((person) => person.id === refId);
    if (found === undefined) {
      throw refuseData(`${field}.ref_id`, 'must be a user or the bot where a receiver is');
    }
    found.clientId ??= id;
    return found;
  }

  /** The users of the scope's account, and the channel's bot. */
  staffOf(scopeId: string): readonly Participant[] {
    const { managers, bot } = this.#settings;
    const staff = [...(accountOfScope(this.#settings, scopeId)?.managers ?? managers), bot];
    return staff.map((person) => this.#inScope(scopeId, person));
  }

  /** Somebody of the settings as one scope knows them: the integration's id is the scope's own. */
  #inScope(scopeId: string, person: Participant): Participant {
    const key = `${scopeId}/${person.id}`;
    const own = Object.assign(this.#staff.get(key) ?? { ...person }, {
      name: person.name,
      avatar: person.avatar,
    });
    this.#staff.set(key, own);
    return own;
  }
}
