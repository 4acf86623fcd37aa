import { dig, parseJson } from '../json.ts';
import type { Parcel } from '../outbox.ts';
import type { Sandbox } from '../sandbox.ts';
import type { SeenRequest } from '../twin-server.ts';
import { activeFaults } from './control-routes.ts';
import { chatView, phoneView } from './views.ts';

/** What a page can show without growing slow. */
const MESSAGES_SHOWN = 200;
const TRAFFIC_SHOWN = 120;
const VIOLATIONS_SHOWN = 30;

/** One thing that went over a wire, in either direction. */
export interface Traffic {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: 'edna' | 'amocrm' | 'bridge';
  readonly to: 'edna' | 'amocrm' | 'bridge';
  /** Endpoint, as faults name it. */
  readonly what: string;
  readonly address?: string;
  readonly text?: string;
  /** The status it tells: edna's word, or amoCRM's code. */
  readonly told?: string;
  /** Of the answer; absent while there is none. */
  readonly status?: number;
  /** The fault that struck, or why there was no answer. */
  readonly trouble?: string;
  /** What came of a callback. */
  readonly state?: Parcel['state'];
  readonly attempts?: number;
}

/** All that the page shows, in one piece. */
export function stateOf(sandbox: Sandbox) {
  const newest = <T extends { messages: readonly unknown[] }>(view: T): T => ({
    ...view,
    messages: view.messages.slice(-MESSAGES_SHOWN),
  });
  return {
    webhooks: sandbox.webhooks,
    isConnected: sandbox.amojo.isConnected,
    channels: sandbox.edna.settings.channels.map(({ subject, subjectId, type, active }) => ({
      subject,
      subjectId,
      type,
      active,
    })),
    fates: sandbox.edna.settings.fates,
    clients: sandbox.clients.map(phoneView).map(newest),
    chats: sandbox.chats.map((chat) => newest(chatView(chat, sandbox.amojo))),
    traffic: traffic(sandbox),
    faults: activeFaults(sandbox),
    ledger: sandbox.ledger(),
    violations: sandbox.violations.slice(-VIOLATIONS_SHOWN),
  };
}

function traffic(sandbox: Sandbox): Traffic[] {
  const requests = [sandbox.edna, sandbox.amojo].flatMap(({ server }) =>
    server.requests.slice(-TRAFFIC_SHOWN).map(fromBridge),
  );
  const posts = [
    ...sandbox.edna.callbacks.slice(-TRAFFIC_SHOWN).map((parcel) => toBridge('edna', parcel)),
    ...sandbox.amojo.hooks.slice(-TRAFFIC_SHOWN).map((parcel) => toBridge('amocrm', parcel)),
  ];
  return [...requests, ...posts]
    .toSorted((one, other) => one.seq - other.seq)
    .slice(-TRAFFIC_SHOWN);
}

function fromBridge(request: SeenRequest): Traffic {
  const { seq, at, platform, endpoint, address, text, fault, answer } = request;
  return {
    seq,
    at,
    from: 'bridge',
    to: platform === 'edna' ? 'edna' : 'amocrm',
    what: endpoint,
    address,
    text,
    told: word(dig(request.body, 'status_code') ?? dig(request.body, 'delivery_status')),
    status: answer?.status,
    trouble: fault,
  };
}

function toBridge(from: 'edna' | 'amocrm', parcel: Parcel): Traffic {
  const { endpoint, address, text, attempts, state } = parcel;
  const last = attempts.at(-1);
  return {
    seq: parcel.seq,
    at: parcel.at,
    from,
    to: 'bridge',
    what: endpoint,
    address,
    text,
    told: endpoint === 'status' ? word(dig(parseJson(parcel.raw), 'status')) : undefined,
    status: last?.status,
    trouble: last?.error ?? (state === 'lost' ? 'lost' : undefined),
    state,
    attempts: attempts.length,
  };
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
