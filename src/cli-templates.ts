import { ConfigError, type Config } from './config.js';
import { lineKey, scopeId } from './domain/ids.js';
import type { Line } from './domain/line.js';
import { AmocrmAccess } from './infrastructure/amocrm/amocrm.adapter.js';
import { AmocrmRest, Pause } from './infrastructure/amocrm/amocrm.rest.js';
import { AmocrmTemplates } from './infrastructure/amocrm/amocrm.templates.js';
import { Clock } from './infrastructure/clock.js';
import { EdnaApi } from './infrastructure/edna/edna.api.js';
import { EdnaCatalogue } from './infrastructure/edna/edna.catalogue.js';
import { EdnaTemplates } from './infrastructure/edna/edna.templates.js';
import { Http } from './infrastructure/http.js';
import { SyncTemplates, type SyncReport } from './use-cases/sync-templates.js';

/**
 * Needs the two platforms and not the journal, which the running bridge may hold: so the few parts are put together
 * by hand. Progress goes to stderr.
 * @throws {ConfigError} where amoCRM's address or token is not set
 */
export function syncTemplates(
  { config }: { readonly config: Config },
  dryRun: boolean,
): Promise<SyncReport> {
  const unset = (['baseUrl', 'token'] as const).filter((name) => !config.crm[name]);
  if (unset.length > 0) {
    const names = { baseUrl: 'AMOCRM_BASE_URL', token: 'AMOCRM_TOKEN' };
    throw new ConfigError(unset.map((name) => `${names[name]} is required for templates`));
  }
  const clock = new Clock();
  const http = new Http(config.settings, clock);
  const edna = new EdnaTemplates(new EdnaCatalogue(new EdnaApi(http), clock));
  const rest = new AmocrmRest(http, new AmocrmAccess(config.crm), new TellingPause());
  const tell = (progress: string) => void process.stderr.write(`${progress}\n`);
  return new SyncTemplates(edna, new AmocrmTemplates(rest)).execute(lineOf(config), {
    dryRun,
    tell,
  });
}

/** Nobody watches a command that is silent for minutes. */
class TellingPause extends Pause {
  override wait(ms: number): Promise<void> {
    if (ms >= 1_000) process.stderr.write(`amoCRM asks to wait for ${Math.ceil(ms / 1_000)} s\n`);
    return super.wait(ms);
  }
}

/** The account's id plays no part here, and need not be known. */
function lineOf({ edna, amo }: Config): Line {
  const accountId = amo.accountId ?? '';
  const scope = scopeId(amo.channelId, accountId);
  const key = lineKey(scope, amo.sourceExternalId);
  return { key, scopeId: scope, edna, amo: { ...amo, accountId } };
}

/** What was done, for people: a template a line. */
export function inLines(report: SyncReport): string {
  const { created, changed, unchanged, unmapped, stale, reviewed } = report;
  const row = (what: string) => (one: { id: string; name: string; why?: string }) =>
    [what, one.id, one.name, ...(one.why ? [one.why] : [])].join('\t');
  return [
    ...created.map(row('created')),
    ...changed.map(row('changed')),
    ...unchanged.map(row('unchanged')),
    ...reviewed.map((one) => row('reviewed')({ ...one, why: one.verdict })),
    ...unmapped.map(row('left out')),
    ...stale.map(row('stale')),
    `${created.length} created, ${changed.length} changed, ${unchanged.length} unchanged, ${unmapped.length} left out`,
  ].join('\n');
}
