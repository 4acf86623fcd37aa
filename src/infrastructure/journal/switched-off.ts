import type { ScopeId } from '../../domain/ids.js';
import { SwitchedOff } from '../../domain/ports.js';
import type { Database } from './database.js';
import { forget, recall, remember } from './memory.js';

/** Beside the journal, as facts that belong to no message. */
export class SqlSwitchedOff extends SwitchedOff {
  constructor(private readonly database: Database) {
    super();
  }

  override async has(scope: ScopeId): Promise<boolean> {
    return (await recall(this.database, nameOf(scope))) !== undefined;
  }

  override add(scope: ScopeId): Promise<void> {
    return remember(this.database, nameOf(scope), 'by an administrator');
  }

  override remove(scope: ScopeId): Promise<void> {
    return forget(this.database, nameOf(scope));
  }
}

function nameOf(scope: ScopeId): string {
  return `switched_off ${scope}`;
}
