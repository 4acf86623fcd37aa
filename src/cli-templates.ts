import { HttpException } from '@nestjs/common';
import { atRest } from './cli-at-rest.js';
import { askRunning, runningAt, tell } from './cli-running.js';
import { ConfigError, type Config } from './config.js';
import { DeliveryError } from './domain/errors.js';
import { isCalled, type Line } from './domain/line.js';
import type { Settings } from './domain/settings.js';
import { AmocrmAccess, AmocrmDirectory } from './infrastructure/amocrm/amocrm.adapter.js';
import { AmocrmModerationHook } from './infrastructure/amocrm/amocrm.moderation.js';
import { AmocrmRest, LineAccounts, Pause, Turns } from './infrastructure/amocrm/amocrm.rest.js';
import { AmocrmTemplates } from './infrastructure/amocrm/amocrm.templates.js';
import { Clock } from './infrastructure/clock.js';
import { EdnaApi } from './infrastructure/edna/edna.api.js';
import { EdnaCatalogue } from './infrastructure/edna/edna.catalogue.js';
import { EdnaTemplates } from './infrastructure/edna/edna.templates.js';
import { Http } from './infrastructure/http.js';
import { toLine, type LineSettings } from './line-settings.js';
import type { SyncWish } from './presentation/templates.controller.js';
import { RegisterModeration, type Registration } from './use-cases/register-moderation.js';
import { ReviewTemplate } from './use-cases/review-template.js';
import { SubmitTemplate } from './use-cases/submit-template.js';
import {
  SyncLineTemplates,
  titleOf,
  type Done,
  type Synced,
} from './use-cases/sync-line-templates.js';
import { SyncTemplates } from './use-cases/sync-templates.js';

/**
 * With long-lived tokens it needs the two platforms and not the journal, which the running bridge may hold: so the few
 * parts are put together by hand. Access by consent lies in the journal: then the running bridge does it, or this
 * process where none runs. Progress goes to stderr.
 * @param wanted name or key of the one line that is meant
 * @returns what was done, line by line; where one failed, why
 * @throws {ConfigError} where no line is meant, or amoCRM's address or token is not set
 */
export async function syncTemplates(
  { config }: { readonly config: Config },
  { dryRun = false, wanted }: { readonly dryRun?: boolean; readonly wanted?: string } = {},
): Promise<readonly Synced[]> {
  if (config.oauth && config.lines.some((one) => unsetIn(one).length > 0)) {
    return byConsent(config, { dryRun, ...(wanted !== undefined && { line: wanted }) });
  }
  const http = new Http(config.settings, new Clock());
  const all = await Promise.all(config.lines.map((one) => toNamed(one, http)));
  if (all.length === 0) throw new ConfigError(['there is no line']);
  const meant = wanted === undefined ? all : all.filter(({ line }) => isCalled(line, wanted));
  if (meant.length === 0) {
    const names = all.map(({ name }) => name).join(', ');
    throw new ConfigError([`--line ${wanted}: there is no such line, there are ${names}`]);
  }
  const open = meant.filter(({ settings }) => unsetIn(settings).length === 0);
  if (open.length === 0) {
    const unset = new Set(meant.flatMap(({ settings }) => unsetIn(settings)));
    const names = config.reread ? IN_FILE : IN_ENVIRONMENT;
    throw new ConfigError([...unset].map((one) => `${names[one]} is required for templates`));
  }
  for (const { name } of meant.filter((one) => !open.includes(one))) {
    tell(`${name}: left out, amocrm.base_url and amocrm.token are not both set`);
  }
  const given = all
    .filter(({ settings }) => unsetIn(settings).length === 0)
    .map(({ line }) => line);
  const sync = syncWith(config.settings, all, http);
  const done: Synced[] = [];
  for (const { name, line, trouble } of open) {
    const news = (progress: string) => tell(all.length > 1 ? `${name}: ${progress}` : progress);
    done.push(
      trouble
        ? { line: name, error: trouble.message }
        : await sync.execute(line, given, { dryRun, tell: news }),
    );
  }
  return done;
}

async function byConsent(config: Config, wish: SyncWish): Promise<readonly Synced[]> {
  const base = await runningAt(config);
  if (base) return askRunning(base, config, { path: '/admin/templates/sync', body: wish });
  const app = await atRest();
  try {
    const { TemplatesController } = await import('./presentation/templates.controller.js');
    return await app.get(TemplatesController).sync(wish, tell);
  } catch (error) {
    if (!(error instanceof HttpException)) throw error;
    throw new ConfigError([error.message]);
  } finally {
    await app.close();
  }
}

interface NamedLine {
  readonly name: string;
  readonly settings: LineSettings;
  readonly line: Line;
  /** Why its account could not be told. */
  readonly trouble?: DeliveryError;
}

const IN_ENVIRONMENT = { baseUrl: 'AMOCRM_BASE_URL', token: 'AMOCRM_TOKEN' } as const;
const IN_FILE = { baseUrl: 'LINES_FILE: amocrm.base_url', token: 'LINES_FILE: amocrm.token' };

function unsetIn({ crm }: LineSettings): readonly ('baseUrl' | 'token')[] {
  return (['baseUrl', 'token'] as const).filter((name) => !crm[name]);
}

/** The address of the account's webhooks follows from its id, so that is looked up where the settings leave it out. */
async function toNamed(settings: LineSettings, http: Http): Promise<NamedLine> {
  const { amo, crm } = settings;
  const named = (accountId: string) => {
    const line = toLine(settings, accountId);
    return { name: titleOf(line), settings, line };
  };
  if (amo.accountId !== undefined) return named(amo.accountId);
  // Its address tells which account it is, as long as nobody knows its id.
  const unknown = named(crm.baseUrl ?? '');
  if (unsetIn(settings).length > 0) return unknown;
  try {
    return named(await new AmocrmDirectory(http).amojoId(crm));
  } catch (error) {
    if (error instanceof DeliveryError) return { ...unknown, trouble: error };
    throw error;
  }
}

function syncWith(settings: Settings, all: readonly NamedLine[], http: Http): SyncLineTemplates {
  const clock = new Clock();
  const api = new EdnaApi(http);
  const edna = new EdnaTemplates(new EdnaCatalogue(api, clock), api);
  const accounts = new GivenAccounts(http, all);
  const crm = new AmocrmTemplates(accounts);
  const review = new ReviewTemplate(edna, crm, settings);
  const submit = new SubmitTemplate(edna, crm, review, settings);
  return new SyncLineTemplates(
    new SyncTemplates(edna, crm, review, submit),
    new RegisterModeration(new AmocrmModerationHook(accounts), settings),
  );
}

/** Accounts that are opened by the long-lived tokens of the settings. */
class GivenAccounts extends LineAccounts {
  private readonly pause = new TellingPause();
  private readonly turns = new Turns();

  constructor(
    private readonly http: Http,
    private readonly all: readonly NamedLine[],
  ) {
    super();
  }

  override of(line: Line): AmocrmRest {
    const given = this.all.find((one) => one.line === line)?.settings.crm;
    const access = new AmocrmAccess(given);
    return new AmocrmRest(this.http, access, this.pause, this.turns, line.amo.accountId);
  }
}

/** Nobody watches a command that is silent for minutes. */
class TellingPause extends Pause {
  override wait(ms: number): Promise<void> {
    if (ms >= 1_000) process.stderr.write(`amoCRM asks to wait for ${Math.ceil(ms / 1_000)} s\n`);
    return super.wait(ms);
  }
}

/** What was done, for people: a template a line. */
export function inLines(done: Synced, isOneOfMany: boolean): string {
  const title = isOneOfMany ? `line\t${done.line}\n` : '';
  return title + ('error' in done ? `not done\t${done.error}` : rowsOf(done));
}

function rowsOf({ webhook, ...report }: Done): string {
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
