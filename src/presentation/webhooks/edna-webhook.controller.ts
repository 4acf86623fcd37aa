import { Controller, Get, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiExcludeEndpoint, ApiParam, ApiTags } from '@nestjs/swagger';
import { Lines, scopeIdsOf } from '../../domain/line.js';
import type { PostContext } from './edna-line.js';
import { EdnaWebhookGuard, type OpenedRequest } from './edna-webhook.guard.js';
import { toEvents } from './edna-webhook.mapper.js';
import {
  EdnaLegacyIncoming,
  EdnaLegacyStatus,
  EdnaSimpleIncoming,
  EdnaSimpleStatus,
} from './edna-old-webhook.wire.js';
import { EdnaIncoming, EdnaStatus } from './edna-webhook.wire.js';
import { EDNA_EXAMPLES } from './examples.js';
import { Intake, type Received, standingAlone } from './intake.js';
import { readJson } from './json.js';
import { rawBody } from './raw-body.js';
import { quarantine } from './reading.js';
import { Documented } from './webhook-docs.js';

const ACCEPTED = { code: 'ok' } as const;

const DOCUMENTED = Documented({
  summary: 'Messages of clients, and news of ours: one, or an array of them',
  forms: [
    EdnaIncoming,
    EdnaStatus,
    EdnaSimpleIncoming,
    EdnaSimpleStatus,
    EdnaLegacyIncoming,
    EdnaLegacyStatus,
  ],
  examples: EDNA_EXAMPLES,
});

/** Takes what edna Pulse posts: clients' messages, and news of ours. */
@Controller('webhooks/edna')
@UseGuards(EdnaWebhookGuard)
@ApiTags('webhooks')
@ApiBearerAuth()
export class EdnaWebhookController {
  constructor(
    private readonly lines: Lines,
    private readonly intake: Intake,
  ) {}

  /** edna asks so, with GET and with HEAD, before it takes an address. */
  @Get(['', ':token'])
  @ApiExcludeEndpoint()
  probe(): typeof ACCEPTED {
    return ACCEPTED;
  }

  /** edna repeats whatever is not answered with 200 exactly: answer once it is safe, work later. */
  @Post()
  @HttpCode(200)
  @DOCUMENTED
  async receive(@Req() request: OpenedRequest): Promise<typeof ACCEPTED> {
    const { opened = [] } = request;
    const context = { lines: this.lines, opened, at: new Date() };
    await this.intake.receive(read(rawBody(request), context));
    return ACCEPTED;
  }

  /** For what can set no header. */
  @Post(':token')
  @HttpCode(200)
  @DOCUMENTED
  @ApiParam({ name: 'token', description: 'The setting EDNA_WEBHOOK_TOKEN' })
  async receiveWithToken(@Req() request: OpenedRequest): Promise<typeof ACCEPTED> {
    return this.receive(request);
  }
}

function read(raw: Buffer, context: PostContext): readonly Received[] {
  const body = readJson(raw);
  const origin = { webhook: 'edna', opened: scopeIdsOf(context.opened) } as const;
  const received = (element: unknown, bytes: Buffer): readonly Received[] =>
    [standingAlone(() => toEvents(element, context))].flat().map((event) => {
      return { event, origin, raw: bytes };
    });
  if (!Array.isArray(body)) return received(body, raw);
  if (body.length > MOST_ELEMENTS) {
    return [{ event: quarantine('unknown-shape'), origin, raw }];
  }
  return body.flatMap((element: unknown) => received(element, bytesOf(element) ?? raw));
}

/** edna groups a handful. A thousand is no batch of its, and not to be spread over as many rows. */
const MOST_ELEMENTS = 1000;

/** @returns undefined where it is nested too deeply to be written */
function bytesOf(element: unknown): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(element));
  } catch {
    return undefined;
  }
}
