import { JournalUnavailable } from '../../src/domain/errors.js';
import type { ScopeId } from '../../src/domain/ids.js';
import { SwitchedOff } from '../../src/domain/ports.js';

/** In memory; the store may be away. */
export class FakeSwitchedOff extends SwitchedOff {
  isAway = false;
  private readonly scopes = new Set<ScopeId>();

  override has(scope: ScopeId): Promise<boolean> {
    return this.there(() => this.scopes.has(scope));
  }

  override add(scope: ScopeId): Promise<void> {
    return this.there(() => void this.scopes.add(scope));
  }

  override remove(scope: ScopeId): Promise<void> {
    return this.there(() => void this.scopes.delete(scope));
  }

  private there<T>(work: () => T): Promise<T> {
    if (this.isAway) return Promise.reject(new JournalUnavailable('spec'));
    return Promise.resolve(work());
  }
}
