import { Injectable } from '@nestjs/common';
import type { Line } from '../../domain/line.js';
import { Http } from '../http.js';
import { SharedPace } from '../journal/shared-pace.js';
import { AmocrmRest, LineAccounts, Pause, Turns, type RestAccess } from './amocrm.rest.js';
import { AmocrmTokens } from './amocrm.tokens.js';

/** REST v4 of every account there is a line to. */
@Injectable()
export class AmocrmAccounts extends LineAccounts {
  private readonly turns: Turns;

  constructor(
    private readonly http: Http,
    private readonly tokens: AmocrmTokens,
    private readonly pause: Pause,
    pace: SharedPace,
  ) {
    super();
    // While the journal is away each process keeps to its own pace.
    this.turns = new Turns((gapMs) => pace.take('amocrm.rest', gapMs).catch(() => 0));
  }

  override of(line: Line): AmocrmRest {
    const { tokens } = this;
    const access: RestAccess = {
      get isOpen() {
        return tokens.isOpen(line);
      },
      pass: () => tokens.of(line),
      instead: (refused) => tokens.instead(line, refused),
    };
    return new AmocrmRest(this.http, access, this.pause, this.turns, line.amo.accountId);
  }
}
