import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { TemplateNews } from '../template-news.js';
import { AmocrmAccountGuard, type AccountRequest } from './amocrm-account.guard.js';
import { toAccount } from './amocrm-account.mapper.js';
import { AccountHook } from './amocrm-account.wire.js';
import { ACCOUNT_EXAMPLES } from './examples.js';
import { IntakeMeter } from './intake-meter.js';
import { rawBody } from './raw-body.js';
import { Documented } from './webhook-docs.js';

const ACCEPTED = { code: 'ok' } as const;

/** Takes what happens in the amoCRM account: a template is to be approved. Nothing here is a message. */
@Controller('webhooks/amocrm-account')
@UseGuards(AmocrmAccountGuard)
@ApiTags('webhooks')
export class AmocrmAccountController {
  constructor(
    private readonly news: TemplateNews,
    private readonly meter: IntakeMeter,
  ) {}

  /**
   * amoCRM waits two seconds, and switches the address off after a hundred bad answers: whatever comes is answered 200,
   * and worked on later. What is lost with a restart, `bridge templates sync` brings up.
   */
  @Post(':token')
  @HttpCode(200)
  @Documented({
    summary: 'A template of amoCRM’s that is to be approved; comes as a form',
    forms: [AccountHook],
    examples: ACCOUNT_EXAMPLES,
  })
  @ApiParam({ name: 'token', description: '`bridge templates sync` registers the address with it' })
  receive(@Req() request: AccountRequest): typeof ACCEPTED {
    const { lines = [] } = request;
    const account = toAccount(rawBody(request));
    if (account.kind !== 'templates') {
      this.meter.count('amocrm', 'ignored', account.kind);
      return ACCEPTED;
    }
    for (const id of account.ids) {
      const isTold = this.news.ask(lines, id);
      this.meter.count('amocrm', 'template-review', isTold ? 'told' : 'dropped');
    }
    return ACCEPTED;
  }
}
