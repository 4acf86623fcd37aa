import { dropSpent } from './fault-board.js';
import { change } from './store.js';

const RETRY_MS = 1000;

/** Follows the sandbox: every event holds the whole state, so a gap costs nothing. */
export function follow() {
  const events = new EventSource('/events');
  events.onmessage = ({ data }) => {
    const state = JSON.parse(data);
    change({ state, isLive: true });
    dropSpent(state.faults);
  };
  events.onerror = () => {
    change({ isLive: false });
    // A browser goes on by itself after a cut, and gives up after an answer that is no stream.
    if (events.readyState !== EventSource.CLOSED) return;
    setTimeout(follow, RETRY_MS);
  };
}
