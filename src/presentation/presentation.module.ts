import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Config } from '../config.js';
import { UseCasesModule } from '../use-cases/use-cases.module.js';
import { AccessKeeper } from './access-keeper.js';
import { AccessLog } from './access-log.js';
import { AdminGuard, AdminToken, OperatorAccess } from './admin.guard.js';
import { ApiLines } from './api/api-lines.js';
import { ChannelsController } from './api/channels.controller.js';
import { ChatsController } from './api/chats.controller.js';
import { MessagesController } from './api/messages.controller.js';
import { Once } from './api/once.js';
import { Alarm } from './dispatcher/alarm.js';
import { AttemptLog } from './dispatcher/attempt-log.js';
import { Connections } from './dispatcher/connections.js';
import { Dispatcher, DispatcherMode } from './dispatcher/dispatcher.js';
import { Gates } from './dispatcher/gates.js';
import { Housekeeping } from './dispatcher/housekeeping.js';
import { LaneWorker } from './dispatcher/lane-worker.js';
import { Lease } from './dispatcher/lease.js';
import { ErrorFilter } from './error.filter.js';
import { HealthController } from './health.controller.js';
import { Copier } from './media/copier.js';
import { MediaController } from './media/media.controller.js';
import { ServingLimits } from './media/serving-limits.js';
import { Meter } from './meter.js';
import { OauthController, OauthDoor } from './oauth/oauth.controller.js';
import { ReconcileController } from './reconcile.controller.js';
import { Reconciler } from './reconciler.js';
import { TemplateNews } from './template-news.js';
import { AmocrmAccountController } from './webhooks/amocrm-account.controller.js';
import { AmocrmAccountGuard } from './webhooks/amocrm-account.guard.js';
import { AmocrmWebhookController } from './webhooks/amocrm-webhook.controller.js';
import { AmocrmWebhookGuard } from './webhooks/amocrm-webhook.guard.js';
import { EdnaWebhookController } from './webhooks/edna-webhook.controller.js';
import { EdnaWebhookGuard } from './webhooks/edna-webhook.guard.js';
import { Crowd, EventLoop } from './webhooks/crowd.js';
import { Filing } from './webhooks/filing.js';
import { IntakeMeter } from './webhooks/intake-meter.js';
import { Waker } from './webhooks/waker.js';
import { Intake } from './webhooks/intake.js';
import { QuarantineController } from './webhooks/quarantine.controller.js';
import { QuarantineReplay } from './webhooks/replay.js';
import { WebhookIntake } from './webhooks/webhook-intake.js';
import { WebhookSettings } from './webhooks/webhook-settings.js';
import { OneTimeTokens } from './widget/one-time-tokens.js';
import { WidgetAccess } from './widget/widget-access.js';
import { TemplatesController } from './templates.controller.js';
import { WidgetController } from './widget/widget.controller.js';
import { WidgetLines } from './widget/widget-lines.js';

/** What calls us: webhooks, operators, and the dispatcher that works what waits. */
@Module({})
export class PresentationModule {
  static with(config: Config, mode: DispatcherMode['value']): DynamicModule {
    return {
      module: PresentationModule,
      imports: [UseCasesModule],
      controllers: [
        EdnaWebhookController,
        AmocrmWebhookController,
        AmocrmAccountController,
        QuarantineController,
        ReconcileController,
        HealthController,
        MediaController,
        TemplatesController,
        WidgetController,
        OauthController,
        MessagesController,
        ChatsController,
        ChannelsController,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: WebhookSettings, useValue: new WebhookSettings(config.webhookSignature) },
        {
          provide: AdminToken,
          useValue: new AdminToken(config.adminToken, config.adminTokenChosen),
        },
        {
          provide: WidgetAccess,
          useValue: new WidgetAccess(config.widget.clientId, config.widget.clientSecret),
        },
        OneTimeTokens,
        WidgetLines,
        OperatorAccess,
        AdminGuard,
        EdnaWebhookGuard,
        AmocrmWebhookGuard,
        AmocrmAccountGuard,
        Meter,
        { provide: OauthDoor, useValue: new OauthDoor(config.oauth) },
        AccessLog,
        AccessKeeper,
        { provide: IntakeMeter, useExisting: Meter },
        TemplateNews,
        EventLoop,
        Crowd,
        Filing,
        Intake,
        QuarantineReplay,
        ApiLines,
        Once,
        Alarm,
        AttemptLog,
        Lease,
        Gates,
        LaneWorker,
        { provide: DispatcherMode, useValue: new DispatcherMode(mode) },
        Connections,
        Dispatcher,
        Housekeeping,
        Copier,
        { provide: ServingLimits, useValue: new ServingLimits() },
        WebhookIntake,
        Reconciler,
        { provide: Waker, useExisting: Dispatcher },
      ],
    };
  }
}
