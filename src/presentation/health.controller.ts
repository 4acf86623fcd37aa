import { Controller, Get, HttpCode, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CrmAccess } from '../domain/crm-access.js';
import { Journal } from '../domain/journal.js';
import { Lines } from '../domain/line.js';
import { OperatorAccess } from './admin.guard.js';
import { Dispatcher } from './dispatcher/dispatcher.js';
import { Gates } from './dispatcher/gates.js';
import { Meter } from './meter.js';
import { WebhookSettings } from './webhooks/webhook-settings.js';

/** How the bridge is, for load balancers, operators and Prometheus. */
@Controller()
@ApiTags('health')
export class HealthController {
  constructor(
    private readonly journal: Journal,
    private readonly lines: Lines,
    private readonly dispatcher: Dispatcher,
    private readonly gates: Gates,
    private readonly meter: Meter,
    private readonly access: OperatorAccess,
    private readonly webhooks: WebhookSettings,
    private readonly crmAccess: CrmAccess,
  ) {}

  @Get('health')
  @ApiOperation({ summary: 'The process is up; asks nothing else' })
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** An upstream that is down is no reason to send hooks elsewhere: they are accepted and wait. */
  @Get('health/ready')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Whether webhooks can be accepted; what waits and what failed as information',
  })
  async ready(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    // While tries under way end, hooks that are sent once have nowhere better to go.
    if (this.dispatcher.hasStopped) {
      response.status(503);
      return { status: 'stopping' };
    }
    try {
      await this.journal.check();
    } catch {
      response.status(503);
      return { status: 'journal-unavailable' };
    }
    if (!this.access.allows(request)) return { status: 'ok' };
    const { oldestWaitingMs, failedInbound, quarantined } = await this.journal.state();
    const { all } = this.lines;
    const stranded = await this.journal.stranded(all.map(({ key }) => key));
    const accesses = await Promise.all(all.map((line) => this.crmAccess.stateOf(line)));
    return {
      status: 'ok',
      lines: all.map((line, i) => ({
        line: line.key,
        ...(line.name !== undefined && { name: line.name }),
        amocrmConnected: this.gates.isConnected(line.key),
        oauth: accesses[i],
        upstreams: UPSTREAMS.map((upstream) => {
          const { state, why } = this.gates.of(line, upstream);
          return { upstream: NAMES[upstream], state, why };
        }),
      })),
      oldestWaitingSeconds: {
        inbound: Math.round(oldestWaitingMs.inbound / 1_000),
        outbound: Math.round(oldestWaitingMs.outbound / 1_000),
      },
      failedInbound,
      quarantined,
      warnings: [
        ...this.warnings(),
        ...stranded.map((line) => `messages of ${line} wait, which is no line any more`),
      ],
    };
  }

  @Get('metrics')
  @ApiExcludeEndpoint()
  async metrics(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    this.access.demand(request);
    const { oldestWaitingMs, failedInbound, quarantined } = await this.journal.state();
    this.meter.oldestWaiting.set({ direction: 'inbound' }, oldestWaitingMs.inbound / 1_000);
    this.meter.oldestWaiting.set({ direction: 'outbound' }, oldestWaitingMs.outbound / 1_000);
    this.meter.failedInbound.set(failedInbound);
    this.meter.quarantined.set(quarantined);
    // One that is no line any more has no gate to be worried about.
    this.meter.gateOpen.reset();
    for (const { line, upstream, state } of this.gates.views()) {
      if (!this.lines.byKey(line)) continue;
      this.meter.gateOpen.set({ line, upstream: NAMES[upstream] }, state === 'open' ? 1 : 0);
    }
    response.type(this.meter.registry.contentType);
    return this.meter.registry.metrics();
  }

  private warnings(): string[] {
    const warnings: string[] = [];
    if (this.lines.all.some(({ edna }) => edna.webhookTokens.length === 0)) {
      warnings.push('EDNA_WEBHOOK_TOKEN is not set: anybody may post to /webhooks/edna');
    }
    if (this.webhooks.signature === 'off') {
      warnings.push('AMOCRM_WEBHOOK_SIGNATURE is off: anybody may post to /webhooks/amocrm');
    }
    return warnings;
  }
}

const UPSTREAMS = ['crm', 'messenger'] as const;

const NAMES = { crm: 'amocrm', messenger: 'edna' } as const;
