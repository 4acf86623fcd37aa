import { Journal, type Arrival, type Filed } from '../../../src/domain/journal.js';

/** Keeps nothing, and says at once that it did. */
export class NoJournal extends Journal {
  override accept(arrivals: readonly Arrival[]): Promise<readonly Filed[]> {
    return Promise.resolve(arrivals.map(() => 'new'));
  }

  override receive = nothing;
  override file = () => Promise.resolve({ filed: [], isMore: false, waitedMs: Infinity });
  override check = nothing;
  override renew = nothing;
  override close = nothing;
  override discharge = nothing;
  override prune = nothing;
  override begin = nothing;
  override settle = () => Promise.resolve(undefined);
  override claim = none;
  override claimOverdue = none;
  override read = none;
  override stranded = none;
  override quarantined = none;
  override quarantinedOne = () => Promise.resolve(undefined);
  override owned = () => Promise.resolve(new Set<string>());
  override takenUnnamed = () => Promise.resolve(0);
  override state = () =>
    Promise.resolve({
      oldestWaitingMs: { inbound: 0, outbound: 0 },
      failedInbound: 0,
      quarantined: 0,
    });
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

function none(): Promise<readonly never[]> {
  return Promise.resolve([]);
}
