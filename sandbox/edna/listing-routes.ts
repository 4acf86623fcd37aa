import type { Answer } from '../answer.ts';
import { isObject } from '../json.ts';
import type { SeenRequest } from '../twin-server.ts';
import { cascadeBody, channelBody } from './catalogue.ts';
import { readHistory } from './history.ts';
import { openChannel, openMethod, opens } from './keys.ts';
import { readReceipt } from './read-receipt.ts';
import { problemBody, refuse } from './refusals.ts';
import type { EdnaSettings } from './settings.ts';
import type { Workings } from './workings.ts';

/** What the account has: cascades, channels, messages, and which of them were read. */
export function addListingRoutes({ server, settings, delivery, clients }: Workings): void {
  server.route('post', '/api/cascade/get-all', 'cascades', (request) =>
    listCascades(request, settings),
  );

  server.route('get', '/api/channel-profile', 'channels', (request) => {
    const key = openMethod(request, 'channels', settings);
    const types = request.query.getAll('types').flatMap((list) => list.split(','));
    const wanted = settings.channels.filter(
      (channel) => opens(key, channel) && (types.length === 0 || types.includes(channel.type)),
    );
    return { status: 200, body: wanted.map(channelBody) };
  });

  server.route('post', '/api/messages/history', 'history', (request) => {
    const key = openMethod(request, 'history', settings);
    return readHistory(request.body, {
      sent: delivery.messages.filter(({ channel }) => opens(key, channel)),
      received: clients.messages.filter(({ channel }) => opens(key, channel)),
      contentForm: settings.historyContent,
      idForm: settings.historyIds,
      timeField: settings.historyTime,
    });
  });

  server.route('post', '/api/in-message/change-status', 'read-receipts', (request) => {
    const key = openMethod(request, 'read-receipts', settings);
    const message = readReceipt(request.raw.toString('utf8'), clients.messages);
    openChannel(key, message.channel, request);
    message.readAt ??= request.at;
    return { status: 200 };
  });
}

function listCascades(request: SeenRequest, settings: EdnaSettings): Answer {
  const { cascades, channels } = settings;
  if (typeof cascades === 'number') {
    return { status: cascades, body: problemBody('not-found', cascades, ''), excused: true };
  }
  openMethod(request, 'cascades', settings);
  if (!isObject(request.body)) throw refuse('request-not-valid', 'the body is no JSON object');
  return { status: 200, body: cascades.map((cascade) => cascadeBody(cascade, channels)) };
}
