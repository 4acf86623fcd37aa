import { Controller, HttpCode, Param, Post, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import { Lines, scopeIdsOf } from '../../domain/line.js';
import { AmocrmWebhookGuard, type SignedRequest } from './amocrm-webhook.guard.js';
import { toEvent } from './amocrm-webhook.mapper.js';
import { AmocrmFlatHook, AmocrmHook, AmocrmHookV1 } from './amocrm-webhook.wire.js';
import { AMOCRM_EXAMPLES } from './examples.js';
import { Intake, standingAlone } from './intake.js';
import { readJson } from './json.js';
import { rawBody } from './raw-body.js';
import { Documented } from './webhook-docs.js';

const ACCEPTED = { code: 'ok' } as const;

const DOCUMENTED = Documented({
  summary: 'Messages of managers',
  forms: [AmocrmHook, AmocrmFlatHook, AmocrmHookV1],
  examples: AMOCRM_EXAMPLES,
});

/** Takes what amoCRM posts: managers' messages. */
@Controller('webhooks/amocrm')
@UseGuards(AmocrmWebhookGuard)
@ApiTags('webhooks')
@ApiHeader({
  name: 'X-Signature',
  description: 'Hex HMAC-SHA1 of the body. From this page only while AMOCRM_WEBHOOK_SIGNATURE=off.',
})
export class AmocrmWebhookController {
  constructor(
    private readonly lines: Lines,
    private readonly intake: Intake,
  ) {}

  @Post()
  @HttpCode(200)
  @DOCUMENTED
  async receive(@Req() request: SignedRequest): Promise<typeof ACCEPTED> {
    return this.take(request);
  }

  @Post(':scopeId')
  @HttpCode(200)
  @DOCUMENTED
  @ApiParam({ name: 'scopeId', description: '<channel id>_<amojo account id>' })
  async receiveForScope(
    @Req() request: SignedRequest,
    @Param('scopeId') scopeId: string,
  ): Promise<typeof ACCEPTED> {
    return this.take(request, scopeId);
  }

  /** amoCRM sends each hook once and waits five seconds: store it, answer, work later. */
  private async take(request: SignedRequest, scopeId?: string): Promise<typeof ACCEPTED> {
    const { lines } = this;
    const raw = rawBody(request);
    const body = readJson(raw);
    const { signers = [], isUnsigned } = request;
    const context = { scopeId, lines, signers, at: new Date() };
    const event = standingAlone(() => toEvent(body, context));
    const opened = isUnsigned ? undefined : scopeIdsOf(signers);
    await this.intake.receive([{ event, origin: { webhook: 'amocrm', scopeId, opened }, raw }]);
    return ACCEPTED;
  }
}
