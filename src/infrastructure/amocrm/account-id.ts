import { Injectable, Logger } from '@nestjs/common';
import { CrmDirectory, type CrmAccount } from '../../domain/ports.js';
import type { Database } from '../journal/database.js';
import { recall, remember } from '../journal/memory.js';

/** The account's id is neither set, nor known from before, nor to be had from amoCRM now. */
export class AccountUnknown extends Error {
  override readonly name = 'AccountUnknown';
}

/** The account's `amojo_id` for an operator who set an address and a token instead. */
@Injectable()
export class AccountId {
  private readonly logger = new Logger(AccountId.name);

  constructor(private readonly directory: CrmDirectory) {}

  /**
   * Asks amoCRM; where it does not answer, an id it gave before will do, so that a restart never depends on it.
   * @throws {AccountUnknown}
   */
  async lookUp(database: Database, account: CrmAccount): Promise<string> {
    const name = `amocrm.account_id ${account.baseUrl ?? ''}`;
    try {
      const id = await this.directory.amojoId(account);
      await remember(database, name, id);
      return id;
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no answer';
      const known = await recall(database, name);
      if (known === undefined) {
        throw new AccountUnknown(
          `AMOCRM_ACCOUNT_ID is not set and could not be looked up (${why}). Set it, or mend AMOCRM_BASE_URL and AMOCRM_TOKEN (in LINES_FILE account_id, base_url, token).`,
        );
      }
      this.logger.warn({ msg: 'the account was not looked up, its id from before is used', why });
      return known;
    }
  }
}
