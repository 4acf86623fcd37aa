import type { Answer } from '../answer.ts';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger.ts';
import type { SeenRequest, TwinServer } from '../twin-server.ts';
import type { ChatMessage } from './chat.ts';
import type { ChatBook } from './chat-book.ts';
import type { Connections } from './connections.ts';
import type { Gate } from './gate.ts';
import type { MediaFetcher } from './media-fetcher.ts';
import type { AmojoSettings } from './settings.ts';

export const CUSTOM = '/v2/origin/custom';

/** What the routes of amojo work on. */
export interface RouteParts {
  readonly settings: AmojoSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly server: TwinServer;
  readonly gate: Gate;
  readonly connections: Connections;
  readonly book: ChatBook;
  readonly fetcher: MediaFetcher;
  /** Whether the bridge was told that the client has a manager's message. */
  readonly isOnPhone: (message: ChatMessage) => boolean;
}

/** 200 without news. */
export function done({ emptyBody }: AmojoSettings): Answer {
  return { status: 200, body: emptyBody === 'object' ? {} : undefined };
}

/** Something amoCRM lets pass, but no integration should do. */
export function breach(ledger: Ledger, { endpoint }: SeenRequest, reason: string): void {
  ledger.violation('amojo', endpoint, 200, reason);
}
