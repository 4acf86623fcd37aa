import type { UserInfo } from './client-message.ts';
import { isPhone } from './phone.ts';

export interface SubscriberAddress {
  readonly id: number;
  readonly address: string;
  /** `PHONE`, `EXT_USER_ID` or another of edna's address types. */
  readonly type: string;
}

/** A client as edna keeps it: one record with all its addresses. */
export interface Subscriber {
  readonly id: number;
  /** Left out of broadcasts; messages of a chat still go through. */
  blacklisted: boolean;
  addresses: readonly SubscriberAddress[];
  userInfo: UserInfo;
}

const NAMELESS: UserInfo = { userName: null, firstName: null, lastName: null, avatarUrl: null };

/** Everyone who wrote or was written to. */
export class SubscriberBook {
  readonly #all: Subscriber[] = [];
  readonly #byAddress = new Map<string, Subscriber>();
  #lastId = 55_120_387;
  #lastAddressId = 88_000_100;

  /** The client with this address in a messenger; a new record where there was none. */
  known(address: string): Subscriber {
    const found = this.#byAddress.get(address);
    if (found !== undefined) return found;
    this.#lastId += 1;
    const made = { id: this.#lastId, blacklisted: false, addresses: [], userInfo: NAMELESS };
    this.#all.push(made);
    this.add(made, address, isPhone(address) ? 'PHONE' : 'EXT_USER_ID');
    return made;
  }

  find(address: unknown, type: unknown): Subscriber | undefined {
    const found = typeof address === 'string' ? this.#byAddress.get(address) : undefined;
    return found?.addresses.some((one) => one.address === address && one.type === type)
      ? found
      : undefined;
  }

  byId(id: unknown): Subscriber | undefined {
    return this.#all.find((one) => one.id === id);
  }

  /** Gives a record one more address; it leaves the record it was in. */
  add(subscriber: Subscriber, address: string, type: string): void {
    this.remove(address);
    this.#lastAddressId += 1;
    const added = { id: this.#lastAddressId, address, type };
    subscriber.addresses = [...subscriber.addresses, added];
    this.#byAddress.set(address, subscriber);
  }

  /** Who writes from the address afterwards is somebody new. */
  remove(address: string): void {
    const found = this.#byAddress.get(address);
    if (found === undefined) return;
    found.addresses = found.addresses.filter((one) => one.address !== address);
    this.#byAddress.delete(address);
  }
}
