import { anInbound } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import type { HandAlarm } from '../../../test/fakes/alarm.ts';
import { FakeCrmContacts } from '../../../test/fakes/crm-contacts.js';
import { DeliveryError } from '../../domain/errors.js';

const SECOND_MS = 1_000;
/** One question to the cards after the other: 7 a second are never reached. */
const GAP_MS = 150;
/** What gets no turn in this time is not asked for. */
const PATIENCE_MS = 25 * SECOND_MS;

/** Cards that answer at their own pace, whoever asks. */
class PacedContacts extends FakeCrmContacts {
  /** When the last question that anybody asked is asked. */
  lastAt = 0;
  /** How often a lane has looked whether it may go on. */
  looks = 0;
  private freeAt = 0;

  constructor(private readonly alarm: HandAlarm) {
    super();
  }

  override isOpen(): boolean {
    this.looks += 1;
    return super.isOpen();
  }

  override async withPhone(...given: Parameters<FakeCrmContacts['withPhone']>) {
    await this.turn();
    return super.withPhone(...given);
  }

  override async ofChat(...given: Parameters<FakeCrmContacts['ofChat']>) {
    await this.turn();
    return super.ofChat(...given);
  }

  override async linkChat(...given: Parameters<FakeCrmContacts['linkChat']>) {
    await this.turn();
    return super.linkChat(...given);
  }

  private async turn(): Promise<void> {
    const at = Math.max(this.alarm.now(), this.freeAt);
    const waitMs = at - this.alarm.now();
    if (waitMs > PATIENCE_MS) {
      await this.alarm.wait(PATIENCE_MS);
      throw new DeliveryError('not-sent', 'amocrm: no turn in time');
    }
    this.freeAt = at + GAP_MS;
    this.lastAt = at;
    await this.alarm.wait(waitMs);
  }
}

describe('a thousand clients who write for the first time', () => {
  const CLIENTS = 1_000;
  const addressOf = (n: number) => `79995${550_000 + n}`;
  let contacts: PacedContacts;
  let all: Dispatching;
  beforeEach(async () => {
    all = await Dispatching.start({}, (alarm) => (contacts = new PacedContacts(alarm)));
  });
  afterEach(() => all.end());

  it('are all in the CRM half a minute later, as many of them in their cards as it can be asked about', async () => {
    for (let n = 0; n < CLIENTS; n += 2) {
      contacts.cards.set(addressOf(n), [{ id: n + 1, hasOpenLead: false, changedAt: new Date(0) }]);
    }
    const ids = Array.from({ length: CLIENTS }, (_, n) => `${n}`);
    await all.accept(...ids.map((id, n) => anInbound(id, { address: addressOf(n) })));
    await all.alarm.pass(30 * SECOND_MS);
    expect(all.inCrm.toSorted()).toEqual(ids.toSorted());
    // 200 questions in that time; a client with a card takes three, a stranger one.
    expect(contacts.links.size).toBeGreaterThan(30);
    // Nothing is asked any more that nobody waits for, and the journal is not kept busy with looking.
    expect(contacts.lastAt).toBeLessThanOrEqual(30 * SECOND_MS);
    expect(contacts.looks).toBeLessThan(CLIENTS * 20);
  });
});
