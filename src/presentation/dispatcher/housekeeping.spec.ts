import { aLine } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { KeptLog } from '../../../test/fakes/log.ts';
import { JournalUnavailable } from '../../domain/errors.js';
import { Lines } from '../../domain/line.js';
import { Settings } from '../../domain/settings.js';
import { WebhookSettings } from '../webhooks/webhook-settings.js';
import { Housekeeping } from './housekeeping.js';

const HOUR_MS = 60 * 60_000;

describe('housekeeping', () => {
  let all: Dispatching;
  let log: KeptLog;
  beforeEach(async () => {
    all = await Dispatching.open();
    log = KeptLog.begin();
  });
  afterEach(() => all.end());

  function begin(token = 'spec-token', signature: 'on' | 'off' = 'on'): void {
    new Housekeeping(
      all.journal,
      new Lines([aLine({ webhookTokens: token ? [token] : [] })]),
      new Settings({ retentionDays: 1 }),
      new WebhookSettings(signature),
      all.dispatcher,
      all.alarm,
    ).onApplicationBootstrap();
  }

  /** The days it was told to keep, each time it was told. */
  function pruning(): number[] {
    const told: number[] = [];
    all.journal.prune = async (days) => void told.push(days);
    return told;
  }

  it('forgets old contents every hour', async () => {
    const pruned = pruning();
    begin();
    await all.alarm.pass(HOUR_MS - 1);
    expect(pruned).toEqual([]);
    await all.alarm.pass(2 * HOUR_MS + 1);
    expect(pruned).toEqual([1, 1, 1]);
  });

  it('goes on after an hour in which the journal was away', async () => {
    let tries = 0;
    all.journal.prune = () => {
      tries += 1;
      return Promise.reject(new JournalUnavailable(new Error('disk full')));
    };
    begin();
    await all.alarm.pass(2 * HOUR_MS);
    expect(tries).toBe(2);
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'error']);
  });

  it('forgets nothing while the process is stopping', async () => {
    const pruned = pruning();
    begin();
    await all.dispatcher.beforeApplicationShutdown();
    await all.alarm.pass(2 * HOUR_MS);
    expect(pruned).toEqual([]);
  });

  it('names open doors at every start', () => {
    begin('', 'off');
    expect(log.text).toContain('EDNA_WEBHOOK_TOKEN is not set');
    expect(log.text).toContain('AMOCRM_WEBHOOK_SIGNATURE=off');
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('says nothing where all doors are shut', () => {
    begin();
    expect(log.lines).toEqual([]);
  });
});
