import type { Refusal } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { Objection } from './gate.ts';
import { openChannel, openMethod } from './keys.ts';
import type { OutDraft, OutMessage } from './out-message.ts';
import { excused, refuse, refuseLegacy } from './refusals.ts';
import type { Workings } from './workings.ts';

/** Takes requests to send, whatever their dialect: key, body, channel, and what else edna asks. */
export class Acceptance {
  readonly #workings: Workings;

  constructor(workings: Workings) {
    this.#workings = workings;
  }

  /**
   * @param read understands the body
   * @param object says an objection in the words of the API that was called
   * @throws {Refusal} with the first thing that is wrong
   */
  take(
    request: SeenRequest,
    read: (body: unknown) => OutDraft,
    object: (objection: Objection) => Error,
  ): OutMessage {
    const { settings, gate, subscribers, delivery } = this.#workings;
    const key = openMethod(request, 'messaging', settings);
    const draft = read(request.body);
    for (const stage of stagesOf(draft)) openChannel(key, stage.channel, request);
    const objection = gate.objection(draft, request.at);
    if (objection !== undefined) throw object(objection);
    subscribers.known(draft.address);
    return delivery.take(draft, request.raw.toString('utf8'));
  }

  /** @throws {Refusal} where `cascade/schedule` has accepted the id before */
  checkRequestId(id: string, request: SeenRequest): void {
    const earlier = this.#workings.delivery.byRequestId('cascade', id);
    if (earlier === undefined) return;
    const refusal = refuse('requestId-is-not-unique', `request ${id} was accepted before`);
    throw this.#excuseRepeat(refusal, earlier, request);
  }

  /** @throws {Refusal} where the legacy API has accepted the id before */
  checkLegacyId(id: string, request: SeenRequest): void {
    const earlier = this.#workings.delivery.byRequestId('legacy', id);
    if (earlier === undefined) return;
    const status = this.#workings.settings.legacyRefusalStatus;
    const refusal = refuseLegacy('error-id-not-unique', status, `${id} was accepted before`);
    throw this.#excuseRepeat(refusal, earlier, request);
  }

  /** The same request once more is how a caller finds out what became of it: no violation. */
  #excuseRepeat(refusal: Refusal, earlier: OutMessage, request: SeenRequest): Refusal {
    if (earlier.raw !== request.raw.toString('utf8')) return refusal;
    this.#workings.ledger.repeats += 1;
    return excused(refusal);
  }
}

function stagesOf(draft: OutDraft): OutDraft[] {
  return draft.next === undefined ? [draft] : [draft, ...stagesOf(draft.next)];
}
