import { Logger } from '@nestjs/common';
import { startSandbox, type SandboxOptions } from '../../../sandbox/sandbox.ts';
import { aLine } from '../../../test/builders.js';
import type { Trouble } from '../../../test/contracts/crm-chat.contract.js';
import { describeMessenger, type Dialect } from '../../../test/contracts/messenger.contract.js';
import { aConversation } from '../../../test/outgoing.js';
import type { Conversation } from '../../domain/conversation.js';
import { Settings } from '../../domain/settings.js';
import { Clock } from '../clock.js';
import { Http } from '../http.js';
import { EdnaMessenger } from './edna.adapter.js';
import { EdnaApi } from './edna.api.js';
import { EdnaCatalogue } from './edna.catalogue.js';
import { FakeLinks, FakeSource } from '../../../test/fakes/media.js';
import { EdnaFiles } from './edna.files.js';
import { EdnaRoutes } from './edna.route.js';
import { EdnaTemplates } from './edna.templates.js';

/** What makes the twin speak a dialect, and the endpoint it does so at. */
const DIALECTS: Readonly<
  Record<
    Dialect,
    {
      readonly endpoint: string;
      readonly edna?: SandboxOptions['edna'];
      readonly sendPath?: string;
      readonly conversation?: Partial<Conversation>;
    }
  >
> = {
  cascade: { endpoint: 'schedule' },
  simple: {
    endpoint: 'simple',
    edna: { cascades: 404, simpleDialect: true },
    conversation: { channel: 'whatsapp' },
  },
  legacy: {
    endpoint: 'legacy',
    sendPath: '/api/old/imOutMessage',
    conversation: { subject: 'acme_wa_main' },
  },
  'max-bot': { endpoint: 'max-bot', conversation: { channel: '71850', address: '40117702' } },
  max: { endpoint: 'max', conversation: { channel: '71851', address: '390309887' } },
};

describeMessenger('edna', async (dialect) => {
  Logger.overrideLogger(false);
  const { endpoint, edna: settings, sendPath, conversation } = DIALECTS[dialect];
  const sandbox = await startSandbox({ edna: { statuses: 'manual', ...settings } });
  const { edna } = sandbox;
  const clock = new Clock();
  const api = new EdnaApi(new Http(new Settings(), clock));
  const catalogue = new EdnaCatalogue(api, clock);
  const routes = new EdnaRoutes(catalogue);
  return {
    messenger: new EdnaMessenger(
      api,
      routes,
      new EdnaTemplates(catalogue, api),
      new Settings(),
      new EdnaFiles(new FakeSource(), new FakeLinks(''), new Settings()),
      catalogue,
    ),
    line: aLine({ baseUrl: edna.server.url, apiKey: edna.settings.apiKey, sendPath }),
    conversation: aConversation(conversation),
    takenFor: (address) =>
      sandbox
        .client(address)
        .addressed.map(({ content }) => content.attachment?.url ?? content.text ?? content.type),
    clientWrites: (text) => {
      const { address } = aConversation(conversation);
      const subject = edna.settings.channels.find(
        ({ subjectId }) => String(subjectId) === conversation?.channel,
      )?.subject;
      sandbox.client(address).prepares(text, subject === undefined ? {} : { channel: subject });
    },
    shutHistory: () => {
      edna.faults.add({ kind: 'answer', status: 403, endpoint: 'history' });
    },
    troubleNext: (trouble: Trouble) => {
      if (trouble.kind === 'busy') {
        const retryAfterSeconds = trouble.seconds;
        edna.faults.add({ kind: 'answer', status: 429, retryAfterSeconds, endpoint, times: 1 });
      } else if (trouble.kind === 'refused') {
        edna.faults.add({ kind: 'answer', status: 403, endpoint, times: 1 });
      } else {
        edna.faults.add({ kind: `reset-${trouble.when}`, endpoint, times: 1 });
      }
    },
    refuse: () => {
      edna.settings.apiKey = 'another';
    },
    close: () => sandbox.close(),
  };
});
