import { ConfigError, type Config } from './config.js';
import { AmocrmAccess, AmocrmDirectory } from './infrastructure/amocrm/amocrm.adapter.js';
import { AmocrmModerationHook } from './infrastructure/amocrm/amocrm.moderation.js';
import { AmocrmRest, Pause } from './infrastructure/amocrm/amocrm.rest.js';
import { AmocrmTemplates } from './infrastructure/amocrm/amocrm.templates.js';
import { Clock } from './infrastructure/clock.js';
import { EdnaApi } from './infrastructure/edna/edna.api.js';
import { EdnaCatalogue } from './infrastructure/edna/edna.catalogue.js';
import { EdnaTemplates } from './infrastructure/edna/edna.templates.js';
import { Http } from './infrastructure/http.js';
import { toLine } from './line-settings.js';
import { RegisterModeration, type Registration } from './use-cases/register-moderation.js';
import { ReviewTemplate } from './use-cases/review-template.js';
import { SubmitTemplate } from './use-cases/submit-template.js';
import { SyncTemplates, type SyncReport } from './use-cases/sync-templates.js';

/** What was done, and where the CRM tells that a template is to be approved. */
export type Synced = SyncReport & { readonly webhook: Registration };

/**
 * Needs the two platforms and not the journal, which the running bridge may hold: so the few parts are put together
 * by hand. Progress goes to stderr.
 * @throws {ConfigError} where amoCRM's address or token is not set
 */
export async function syncTemplates(
  { config }: { readonly config: Config },
  dryRun: boolean,
): Promise<Synced> {
  const [given] = config.lines;
  if (!given) throw new ConfigError(['there is no line']);
  const unset = (['baseUrl', 'token'] as const).filter((name) => !given.crm[name]);
  if (unset.length > 0) {
    const names = { baseUrl: 'AMOCRM_BASE_URL', token: 'AMOCRM_TOKEN' };
    throw new ConfigError(unset.map((name) => `${names[name]} is required for templates`));
  }
  const { settings } = config;
  const clock = new Clock();
  const http = new Http(settings, clock);
  const api = new EdnaApi(http);
  const edna = new EdnaTemplates(new EdnaCatalogue(api, clock), api);
  const rest = new AmocrmRest(http, new AmocrmAccess(given.crm), new TellingPause());
  const crm = new AmocrmTemplates(rest);
  const review = new ReviewTemplate(edna, crm, settings);
  const submit = new SubmitTemplate(edna, crm, review, settings);
  const tell = (progress: string) => void process.stderr.write(`${progress}\n`);
  const { accountId } = given.amo;
  const line = toLine(given, accountId ?? (await new AmocrmDirectory(http).amojoId(given.crm)));
  const done = await new SyncTemplates(edna, crm, review, submit).execute(line, { dryRun, tell });
  const hook = new RegisterModeration(new AmocrmModerationHook(rest), settings);
  return { ...done, webhook: await hook.execute(line, dryRun) };
}

/** Nobody watches a command that is silent for minutes. */
class TellingPause extends Pause {
  override wait(ms: number): Promise<void> {
    if (ms >= 1_000) process.stderr.write(`amoCRM asks to wait for ${Math.ceil(ms / 1_000)} s\n`);
    return super.wait(ms);
  }
}

/** What was done, for people: a template a line. */
export function inLines({ webhook, ...report }: Synced): string {
  const { created, changed, unchanged, fixed, unmapped, stale } = report;
  const { reviewed, submitted, failed, unapproved } = report;
  const row = (what: string) => (one: { id: string; name: string; why?: string }) =>
    [what, one.id, one.name, ...(one.why ? [one.why] : [])].join('\t');
  return [
    ...created.map(row('created')),
    ...changed.map(row('changed')),
    ...unchanged.map(row('unchanged')),
    ...fixed.map((one) => row('differs')({ ...one, why: FIXED })),
    ...reviewed.map((one) => row('reviewed')({ ...one, why: one.verdict })),
    ...submitted.map((one) => row(one.became)(one)),
    ...failed.map(row('not submitted')),
    ...unmapped.map(row('left out')),
    ...stale.map(row('stale')),
    ...unapproved.map(row('warning')),
    `${created.length} created, ${changed.length} changed, ${unchanged.length} unchanged, ${unmapped.length} left out`,
    ...inWords(webhook),
  ].join('\n');
}

const FIXED = 'amoCRM does not let it be changed: delete it there, and it is made anew';

/** The address is shown only where a person has to enter it: who knows it may post there. */
function inWords({ state, address, why }: Registration): readonly string[] {
  switch (state) {
    case 'registered':
      return ['webhook\tregistered'];
    case 'missing':
      return ['webhook\twould be registered'];
    case 'off':
      return [
        `warning\tamoCRM has switched the webhook off after too many bad answers; switch it on there: ${address}`,
      ];
    case 'by hand':
      return [
        `warning\tthe webhook was not registered (${why}); for templates written in amoCRM, enter it there, event "add_chat_template_review": ${address}`,
      ];
  }
}
