import { Command, Option } from 'commander';
import { ConfigError, configured, type Config } from './config.js';
import { atRest } from './cli-at-rest.js';
import type { Done } from './use-cases/sync-line-templates.js';
import { runningAt } from './cli-running.js';

/*
 * The command line. It asks the running bridge, which alone may write to a SQLite journal, and opens the journal
 * itself only where no bridge answers; the templates and the letter need neither. Exit codes: 0 done, 1 not done (the
 * reason is on stderr), 2 wrong words, or settings that are wrong or missing; `reconcile` has 3 besides: something is
 * left over.
 */

interface Entry {
  readonly id: number;
  readonly at: string;
  readonly reason: string;
  readonly webhook: string;
  readonly raw?: string;
}

interface Quarantine {
  list(after?: string): Promise<{ entries: readonly Entry[]; next?: number }>;
  show(id: string): Promise<Entry>;
  replay(id: string, isTrusted: boolean): Promise<unknown>;
  close(): Promise<void>;
}

/** What a command needs is loaded with it: a start of everything takes longer than most commands do. */
const store = () => import('./cli-store.js');

const program = new Command('bridge')
  .description('Looks after a bridge between edna Pulse and amoCRM')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
const quarantine = program
  .command('quarantine')
  .description('bodies that were accepted and could not be filed');

quarantine
  .command('list')
  .description('the newest first, 50 at a time')
  .option('--after <id>', 'those before this one')
  .option('--json', 'as JSON')
  .action((options: { after?: string; json?: boolean }) =>
    run(async (entries) => {
      const page = await entries.list(options.after);
      if (options.json) return JSON.stringify(page);
      const rows = page.entries.map(
        ({ id, at, webhook, reason }) => `${id}\t${at}\t${webhook}\t${reason}`,
      );
      const more = page.next === undefined ? [] : [`more: --after ${page.next}`];
      return [...rows, ...more].join('\n') || 'empty';
    }),
  );

quarantine
  .command('show <id>')
  .description('one of them, with its body as it came')
  .option('--json', 'as JSON')
  .action((id: string, options: { json?: boolean }) =>
    run(async (entries) => {
      const entry = await entries.show(id);
      return options.json
        ? JSON.stringify(entry)
        : `${entry.at} ${entry.webhook} ${entry.reason}\n${entry.raw ?? ''}`;
    }),
  );

quarantine
  .command('replay <id>')
  .description('files it again, once what kept it out is mended')
  .option('--trust', 'whoever signed it: it may be filed for any line')
  .action((id: string, { trust = false }: { trust?: boolean }) =>
    run(async (entries) => JSON.stringify(await entries.replay(id, trust))),
  );

program
  .command('templates')
  .description('templates of edna in amoCRM')
  .command('sync')
  .description(
    'brings the approved ones into amoCRM; needs AMOCRM_BASE_URL with AMOCRM_TOKEN, or OAuth',
  )
  .option(
    '--line <name>',
    'of this line only, by its name or key; else of all, one after the other',
  )
  .option('--dry-run', 'shows what would be done, and changes nothing')
  .option('--json', 'as JSON')
  .action(({ line, dryRun, json }: { line?: string; dryRun?: boolean; json?: boolean }) =>
    report(async () => {
      const { inLines, syncTemplates } = await import('./cli-templates.js');
      const done = await syncTemplates(await configured(), { dryRun, wanted: line });
      const [only] = done;
      if (done.length === 1 && only && 'error' in only) throw new Error(only.error);
      for (const one of done) {
        const where = done.length > 1 ? `${one.line}: ` : '';
        const why = 'error' in one ? one.error : notSubmitted(one);
        if (why === undefined) continue;
        process.stderr.write(`${where}${why}\n`);
        process.exitCode = 1;
      }
      if (json) return JSON.stringify(done.length === 1 ? only : done);
      return done.map((one) => inLines(one, done.length > 1)).join('\n');
    }),
  );

program
  .command('letter')
  .description('the mail to amoCRM’s support that registers the channel, as the settings answer it')
  .addOption(new Option('--language <language>', 'of the mail').choices(['ru', 'en']))
  .option('--json', 'as JSON')
  .action((options: { language?: 'ru' | 'en'; json?: boolean }) =>
    report(async () => {
      const { letter } = await import('./cli-letter.js');
      const { text, ...made } = await letter(options.language);
      return options.json ? JSON.stringify(made) : text;
    }),
  );

program
  .command('reconcile')
  .description(
    'compares the journal with the histories of edna and amoCRM, and lists what is missing',
  )
  .requiredOption('--since <time>', 'such as 2026-11-20T09:00:00Z, or 6h, 90m, 2d: so long ago')
  .option('--apply', 'brings what is missing; what is in doubt is only listed')
  .option('--line <name>', 'one line instead of all')
  .option('--json', 'as JSON')
  .action((options: { since: string; apply?: boolean; line?: string; json?: boolean }) =>
    report(async () => {
      const { reconcile } = await import('./cli-reconcile.js');
      const { text, exitCode } = await reconcile((await configured()).config, options);
      process.exitCode = exitCode;
      return text;
    }),
  );

program
  .command('backup <file>')
  .description('saves the SQLite journal to a new file, also while the bridge runs')
  .option('--json', 'as JSON')
  .action((file: string, { json }: { json?: boolean }) =>
    report(async () => (await store()).backUpJournal(file, json)),
  );

program
  .command('restore <file>')
  .description('puts a saved journal in the place of the SQLite one, which stays beside it')
  .option('--json', 'as JSON')
  .action((file: string, { json }: { json?: boolean }) =>
    report(async () => (await store()).restoreJournal(file, json)),
  );

program
  .command('move-store')
  .description('carries the SQLite journal of a stopped bridge to PostgreSQL')
  .addOption(new Option('--to <url>', 'of an empty database, postgres://…'))
  .addOption(new Option('--cancel', 'the SQLite journal is used again after all').conflicts('to'))
  .option('--json', 'as JSON')
  .action(({ to, cancel, json }: { to?: string; cancel?: boolean; json?: boolean }) =>
    report(async () => {
      const { cancelJournalMove, moveJournal } = await store();
      if (cancel) return cancelJournalMove(json);
      if (to === undefined)
        throw new ConfigError(['move-store needs --to postgres://…, or --cancel']);
      return moveJournal(to, json);
    }),
  );

await program.parseAsync();

function run(command: (entries: Quarantine) => Promise<string>): Promise<void> {
  return report(async () => {
    const { config } = await configured();
    const entries = (await ofRunning(config)) ?? (await ofJournal());
    try {
      return await command(entries);
    } finally {
      await entries.close();
    }
  });
}

function notSubmitted({ failed }: Done): string | undefined {
  if (failed.length === 0) return undefined;
  return `${failed.length} could not be submitted now; try again later`;
}

async function report(command: () => Promise<string>): Promise<void> {
  // The bridge's own timers keep no process alive, and a command may wait for nothing else.
  const alive = setInterval(() => undefined, 60_000);
  try {
    process.stdout.write(`${await command()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  } finally {
    clearInterval(alive);
  }
}

/** Through the bridge that listens on this machine; undefined where none does. */
async function ofRunning(config: Config): Promise<Quarantine | undefined> {
  const base = await runningAt(config);
  if (base === undefined) return undefined;
  const ask = async <T>(path: string, method = 'GET'): Promise<T> => {
    const answer = await fetch(`${base}/admin/quarantine${path}`, {
      method,
      headers: { authorization: `Bearer ${config.adminToken}` },
    });
    const body = (await answer.json()) as T & { message?: string };
    if (!answer.ok) throw new Error(body.message ?? `the bridge answered ${answer.status}`);
    return body;
  };
  return {
    list: (after) => ask(after === undefined ? '' : `?after=${encodeURIComponent(after)}`),
    show: (id) => ask(`/${encodeURIComponent(id)}`),
    replay: (id, isTrusted) =>
      ask(`/${encodeURIComponent(id)}/replay${isTrusted ? '?trust=yes' : ''}`, 'POST'),
    close: () => Promise.resolve(),
  };
}

/** In the journal itself. What is replayed waits there until the bridge starts. */
async function ofJournal(): Promise<Quarantine> {
  const app = await atRest();
  const { QuarantineController } = await import('./presentation/webhooks/quarantine.controller.js');
  const controller = app.get(QuarantineController);
  return {
    list: (after) => controller.list(after),
    show: (id) => controller.show(id),
    replay: (id, isTrusted) => controller.again(id, isTrusted ? 'yes' : undefined),
    close: () => app.close(),
  };
}
