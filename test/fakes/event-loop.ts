import { EventLoop } from '../../src/presentation/webhooks/crowd.js';

/** As busy as a spec says. */
export class BusyLoop extends EventLoop {
  share = 1;

  override watch(): () => number {
    return () => this.share;
  }
}
