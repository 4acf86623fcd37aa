import type { Express } from 'express';
import { whyItCannotStrike } from '../endpoints.ts';
import { faultRule } from '../fault-rule.ts';
import { textOrNull, type JsonObject } from '../json.ts';
import type { Sandbox } from '../sandbox.ts';
import { explain } from '../schema-error.ts';
import { settingsChange, type SettingsChange } from '../settings.ts';
import { BadRequest, NotFound, object, webhookAddress } from './request-body.ts';
import { faultView, requestView } from './views.ts';

/** Faults, settings, the ledger: what a test or an onlooker turns and reads. */
export const CONTROL_ROUTES = {
  'POST /faults': '{"twin":"edna"|"amojo","kind","endpoint"?,"address"?,"text"?,"times"?,…}',
  'GET /faults': 'those that are switched on',
  'DELETE /faults': 'switches all off',
  'DELETE /faults/:twin/:id': 'switches one off',
  'POST /faults/:twin/:id/release': 'lets go of what hold or reorder keeps',
  'GET /ledger': 'the counts',
  'GET /ledger/violations': 'what broke a contract, one by one',
  'GET /requests': 'what both twins got; ?endpoint=',
  'GET /settings': 'the settings of both twins',
  'PATCH /settings': '{"edna":{…},"amojo":{…}}',
  'POST /integration/off':
    'its administrator switches it off; ?account=, and the disable hook is called',
  'POST /integration/on': 'switches it on again; ?account=',
  'POST /integration/install': 'installs its widget: amoCRM calls the redirect address; ?account=',
  'POST /point-at': '{"bridge"} or {"edna","amocrm"}: where the webhooks are',
};

export function addControlRoutes(app: Express, sandbox: Sandbox): void {
  app.post('/faults', ({ body }, response) => {
    const { twin, ...given } = object(body);
    const name = twinName(twin);
    const rule = faultRule.safeParse(given);
    if (!rule.success) throw new BadRequest(explain(rule.error));
    const why = whyItCannotStrike(name, rule.data);
    if (why !== undefined) throw new BadRequest(why);
    response.status(201).json(faultView(name, sandbox[name].faults.add(rule.data)));
  });
  app.get('/faults', (_request, response) => void response.json(activeFaults(sandbox)));
  app.delete('/faults', (_request, response) => {
    sandbox.edna.faults.clear();
    sandbox.amojo.faults.clear();
    response.status(204).end();
  });
  app.delete('/faults/:twin/:id', ({ params }, response) => {
    fault(sandbox, params).clear();
    response.status(204).end();
  });
  app.post('/faults/:twin/:id/release', ({ params }, response) => {
    fault(sandbox, params).release();
    response.status(204).end();
  });

  app.get('/ledger', (_request, response) => void response.json(sandbox.ledger()));
  app.get('/ledger/violations', (_request, response) => void response.json(sandbox.violations));
  app.get('/requests', ({ query }, response) => {
    response.json(sandbox.requests(textOrNull(query.endpoint) ?? undefined).map(requestView));
  });
  app.get('/settings', (_request, response) => {
    response.json({ edna: sandbox.edna.settings, amojo: sandbox.amojo.settings });
  });
  app.patch('/settings', ({ body }, response) => {
    sandbox.change(wanted(object(body)));
    response.status(204).end();
  });
  app.post('/integration/:what', async ({ params, query }, response) => {
    const account = textOrNull(query.account) ?? undefined;
    const { integration } = sandbox.amojo;
    const { what } = params;
    if (what === 'on') {
      integration.enable(account);
      response.status(204).end();
      return;
    }
    if (what !== 'off' && what !== 'install') throw new NotFound(`no ${what}`);
    const called = await (what === 'off'
      ? integration.disable(account)
      : integration.install(account));
    response.json(called ? { status: called.status, error: called.error } : { called: false });
  });
  app.post('/point-at', ({ body }, response) => {
    const { bridge, edna, amocrm } = object(body);
    sandbox.pointAt(
      webhookAddress(bridge, 'bridge') ?? {
        edna: webhookAddress(edna, 'edna'),
        amocrm: webhookAddress(amocrm, 'amocrm'),
      },
    );
    response.json(sandbox.webhooks);
  });
}

export function activeFaults(sandbox: Sandbox) {
  const of = (twin: 'edna' | 'amojo') =>
    sandbox[twin].faults.active.map((one) => faultView(twin, one));
  return [...of('edna'), ...of('amojo')];
}

function wanted(change: JsonObject): SettingsChange {
  try {
    return settingsChange(change);
  } catch (error) {
    throw new BadRequest(error instanceof Error ? error.message : String(error));
  }
}

function twinName(twin: unknown): 'edna' | 'amojo' {
  if (twin !== 'edna' && twin !== 'amojo') throw new BadRequest('twin is edna or amojo');
  return twin;
}

function fault(sandbox: Sandbox, { twin, id }: Record<string, string>) {
  const found = sandbox[twinName(twin)].faults.find(Number(id));
  if (found === undefined) throw new NotFound(`no fault ${id}`);
  return found;
}
