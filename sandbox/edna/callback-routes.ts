import { CALLBACKS_SET, probe, readCallbacks } from './callback-set.ts';
import { openAccount, openChannel, openMethod } from './keys.ts';
import type { Workings } from './workings.ts';

export function addCallbackRoutes({ server, settings, callbackUrls }: Workings): void {
  server.route('post', '/api/callback/set', 'callback-set', async (request) => {
    const key = openMethod(request, 'webhooks', settings);
    const { channel, urls } = readCallbacks(request.body, settings);
    if (channel === undefined) openAccount(key, request);
    else openChannel(key, channel, request);
    await probe(urls, settings);
    callbackUrls.register(channel?.subjectId, urls);
    return CALLBACKS_SET;
  });
}
