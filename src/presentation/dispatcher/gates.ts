import { Injectable, Logger } from '@nestjs/common';
import { DeliveryError, JournalUnavailable } from '../../domain/errors.js';
import type { LineKey } from '../../domain/ids.js';
import type { Upstream } from '../../domain/journal.js';
import type { Line } from '../../domain/line.js';
import { Settings } from '../../domain/settings.js';
import { Alarm } from './alarm.js';
import { UpstreamGate } from './gate.js';

/** What operators see of one gate. */
export interface GateView {
  readonly line: LineKey;
  readonly upstream: Upstream;
  readonly state: UpstreamGate['state'];
  readonly why?: UpstreamGate['why'];
}

/** How a line's account stands to its channel, as connecting it has shown last. */
export type Connection =
  | { readonly state: 'connected' }
  /** An administrator wants it so. */
  | { readonly state: 'switched-off' }
  /** Without a fault of the CRM's it is one of ours, or of the journal's. */
  | { readonly state: 'failed'; readonly fault?: DeliveryError };

/** One gate for each upstream of each line. */
@Injectable()
export class Gates {
  private readonly logger = new Logger(Gates.name);
  private readonly gates = new Map<
    string,
    { view: Pick<GateView, 'line' | 'upstream'>; gate: UpstreamGate }
  >();
  private readonly connections = new Map<LineKey, Connection>();

  constructor(
    private readonly alarm: Alarm,
    private readonly settings: Settings,
  ) {}

  of(line: Line, upstream: Upstream): UpstreamGate {
    const key = `${upstream}/${line.key}`;
    let entry = this.gates.get(key);
    if (!entry) {
      const { ednaRatePerSecond, amojoRatePerSecond } = this.settings;
      const rate = upstream === 'crm' ? amojoRatePerSecond : ednaRatePerSecond;
      entry = { view: { line: line.key, upstream }, gate: new UpstreamGate(this.alarm, rate) };
      this.gates.set(key, entry);
    }
    return entry.gate;
  }

  /** The channel was connected, or could not be. */
  connected(line: Line, isConnected: boolean, error?: unknown): void {
    const before = this.connections.get(line.key)?.state;
    const fault = error instanceof DeliveryError ? error : undefined;
    this.connections.set(
      line.key,
      isConnected ? { state: 'connected' } : { state: 'failed', fault },
    );
    if (isConnected) {
      // Where connecting was the trouble it is over; where messages were refused, the next one has to show it.
      if (before === 'connected') return;
      this.of(line, 'crm').reopen();
      this.logger.log({ msg: 'amoCRM channel connected', line: line.key });
      return;
    }
    if (fault) this.of(line, 'crm').failed('connect', fault);
    else this.of(line, 'crm').stayShut();
    if (before !== 'failed') {
      const isPlain = fault !== undefined || error instanceof JournalUnavailable;
      const why = isPlain ? (error as Error).message : 'a mistake of ours';
      this.logger.warn({ msg: 'amoCRM channel not connected', line: line.key, error: why });
    }
  }

  /** An administrator has taken the account off the channel: what is for it waits. */
  switchedOff(line: Line): void {
    const before = this.connections.get(line.key)?.state;
    this.connections.set(line.key, { state: 'switched-off' });
    const fault = new DeliveryError('blocked', 'switched off by an administrator');
    this.of(line, 'crm').failed('connect', fault);
    if (before === 'switched-off') return;
    this.logger.warn({ msg: 'amoCRM channel switched off', line: line.key });
  }

  /** Whether connecting was tried since the start: before that, a new channel would refuse messages. */
  triedToConnect(line: LineKey): boolean {
    return this.connections.has(line);
  }

  isConnected(line: LineKey): boolean {
    return this.connections.get(line)?.state === 'connected';
  }

  /** Undefined before the first try. */
  connection(line: LineKey): Connection | undefined {
    return this.connections.get(line);
  }

  views(): GateView[] {
    return [...this.gates.values()].map(({ view, gate }) => ({
      ...view,
      state: gate.state,
      why: gate.why,
    }));
  }
}
