import { outboundSourceId } from '../src/domain/ids.js';
import type { Age, InboundWork, OutboundWork, Part, ReportWork } from '../src/domain/journal.js';
import { toParts } from '../src/domain/message.js';
import type { Circumstances } from '../src/use-cases/done.js';
import { aMessage, requestIdsOf, SCOPE } from './builders.js';
import { aConversation } from './outgoing.js';

/* Work as a lane holds it, for specs of the use cases alone. */

type Given<Work> = Partial<Omit<Work, 'age'>> & { readonly age?: Partial<Age> };

export function around(given: Partial<Circumstances> = {}): Circumstances {
  return {
    now: new Date('2026-11-20T09:00:00Z'),
    jitter: 0.5,
    othersPass: false,
    mayBegin: () => true,
    ...given,
  };
}

export function anInboundWork({ age, ...given }: Given<InboundWork> = {}): InboundWork {
  return {
    kind: 'inbound',
    messageId: 7,
    message: aMessage(),
    conversation: aConversation(),
    tries: 0,
    isSuspect: false,
    age: { waitedMs: 0, ...age },
    ...given,
  };
}

export function aReportWork({ age, ...given }: Given<ReportWork> = {}): ReportWork {
  return {
    kind: 'status',
    messageId: 8,
    sourceId: outboundSourceId(SCOPE, 'b47f09ce'),
    status: 'delivered',
    tries: 0,
    age: { waitedMs: 0, ...age },
    ...given,
  };
}

/** @param part what is not usual about its first part */
export function anOutboundWork(
  { age, ...given }: Given<OutboundWork> = {},
  part: Partial<Part> = {},
): OutboundWork {
  const message = given.message ?? aMessage({ sourceId: outboundSourceId(SCOPE, 'b47f09ce') });
  const ids = requestIdsOf(message.sourceId, toParts(message.content).length);
  return {
    kind: 'outbound',
    messageId: 9,
    message,
    conversation: aConversation(),
    tries: 0,
    age: { waitedMs: 0, ...age },
    parts: ids.map((requestId, i) => ({
      id: 90 + i,
      number: i + 1,
      requestId,
      state: 'waiting',
      lookups: 0,
      begun: false,
      ...(i === 0 ? part : {}),
    })),
    ...given,
  };
}
