import type { Answer } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import { Fields } from './fields.ts';
import { refuse } from './refusals.ts';
import { CUSTOM, done, type RouteParts } from './route-parts.ts';
import { accountsOf, scopeIdOf, type AmojoSettings } from './settings.ts';

/** `connect` and `disconnect`. */
export function addConnectionRoutes(parts: RouteParts): void {
  const { server, gate, connections, settings } = parts;
  server.route('post', `${CUSTOM}/:channel/connect`, 'connect', (request) => {
    gate.checkChannel(request);
    return connect(request, parts);
  });
  server.route('delete', `${CUSTOM}/:channel/disconnect`, 'disconnect', (request) => {
    gate.checkChannel(request);
    connections.close(readAccount(new Fields(request.body), settings));
    return done(settings);
  });
}

function connect({ body }: SeenRequest, { settings, connections }: RouteParts): Answer {
  const fields = new Fields(body);
  // Checked first, so that a wrong body is 400 whatever the account is.
  fields.text('account_id');
  const version = fields.text('hook_api_version');
  if (version !== 'v1' && version !== 'v2') throw fields.no('hook_api_version', 'is v1 or v2');
  const title = fields.optionalText('title') ?? 'Sandbox';
  const isTimeWindowDisabled = fields.optionalFlag('is_time_window_disabled') ?? false;
  const accountId = readAccount(fields, settings);
  connections.open(accountId, { title, hookApiVersion: version, isTimeWindowDisabled });
  return {
    status: 200,
    body: {
      account_id: accountId,
      scope_id: scopeIdOf({ channelId: settings.channelId, accountId }),
      title,
      hook_api_version: version,
      is_time_window_disabled: isTimeWindowDisabled,
    },
  };
}

function readAccount(fields: Fields, settings: AmojoSettings): string {
  const id = fields.text('account_id');
  if (accountsOf(settings).some(({ accountId }) => accountId === id)) return id;
  throw refuse(403, 'ORIGIN_ACCOUNT_NOT_ALLOWED', 'the channel is not open to this account');
}
