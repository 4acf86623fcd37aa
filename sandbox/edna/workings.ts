import type { Clock } from '../clock.ts';
import type { FileShelf } from '../file-shelf.ts';
import type { Ledger } from '../ledger.ts';
import type { TwinServer } from '../twin-server.ts';
import type { CallbackUrls } from './callback-urls.ts';
import type { ClientDesk } from './client-desk.ts';
import type { Delivery } from './delivery.ts';
import type { Gate } from './gate.ts';
import type { EdnaSettings } from './settings.ts';
import type { SubscriberBook } from './subscribers.ts';
import type { TemplateDesk } from './template-desk.ts';

/** What the twin's routes work with. */
export interface Workings {
  readonly settings: EdnaSettings;
  readonly server: TwinServer;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly shelf: FileShelf;
  readonly clients: ClientDesk;
  readonly subscribers: SubscriberBook;
  readonly delivery: Delivery;
  readonly gate: Gate;
  readonly templates: TemplateDesk;
  readonly callbackUrls: CallbackUrls;
}
