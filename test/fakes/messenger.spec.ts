import { DeliveryError } from '../../src/domain/errors.js';
import type { Content } from '../../src/domain/message.js';
import type { Route } from '../../src/domain/ports.js';
import { aLine } from '../builders.js';
import type { Trouble } from '../contracts/crm-chat.contract.js';
import { describeMessenger, type Dialect } from '../contracts/messenger.contract.js';
import { aConversation } from '../outgoing.js';
import { FakeMessenger } from './messenger.js';

const DROPS_REPEATS: Readonly<Record<Dialect, boolean>> = {
  cascade: true,
  simple: false,
  legacy: true,
  'max-bot': false,
  max: false,
};

function toError(trouble: Trouble): DeliveryError {
  switch (trouble.kind) {
    case 'busy':
      return new DeliveryError('not-sent', 'fake: busy', { retryAfterMs: trouble.seconds * 1000 });
    case 'lost':
      return new DeliveryError('unknown', 'fake: the answer was lost');
    case 'refused':
      return new DeliveryError('blocked', 'fake: who are you?');
  }
}

function inWords(content: Content): string {
  if ('attachment' in content) return content.attachment.url;
  return 'text' in content ? content.text : content.kind;
}

describeMessenger('the fake', (dialect) => {
  const messenger = new FakeMessenger();
  const route: Route = { dialect, dropsRepeats: DROPS_REPEATS[dialect] };
  messenger.way = route;
  return Promise.resolve({
    messenger,
    line: aLine(),
    conversation: aConversation(),
    takenFor: (address: string) => messenger.shown(address).map(inWords),
    clientWrites: (text: string) => messenger.clientWrites(aConversation().address, text),
    shutHistory: () => {
      messenger.hasHistory = false;
    },
    troubleNext: (trouble: Trouble) =>
      messenger.failNext(toError(trouble), trouble.kind === 'lost' ? trouble.when : 'before'),
    refuse: () => messenger.failNext(toError({ kind: 'refused' })),
    close: () => Promise.resolve(),
  });
});
