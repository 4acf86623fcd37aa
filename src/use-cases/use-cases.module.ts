import { Module } from '@nestjs/common';
import { ConnectAccount } from './connect-account.js';
import { ConnectChannel } from './connect-channel.js';
import { CopyFile } from './copy-file.js';
import { DisconnectChannel } from './disconnect-channel.js';
import { GiveUpOutbound } from './give-up-outbound.js';
import { LinkChat } from './link-chat.js';
import { LinkContact } from './link-contact.js';
import { OpenChat } from './open-chat.js';
import { OpenFile } from './open-file.js';
import { Reconcile } from './reconcile.js';
import { ReconcileClients } from './reconcile-clients.js';
import { ReconcileManagers } from './reconcile-managers.js';
import { ReconcileReceipts } from './reconcile-receipts.js';
import { RegisterModeration } from './register-moderation.js';
import { ReviewTemplate } from './review-template.js';
import { RouteInbound } from './route-inbound.js';
import { RouteOutbound } from './route-outbound.js';
import { SubmitTemplate } from './submit-template.js';
import { SyncStatus } from './sync-status.js';
import { SyncLineTemplates } from './sync-line-templates.js';
import { SyncTemplates } from './sync-templates.js';

const USE_CASES = [
  ConnectAccount,
  RouteInbound,
  RouteOutbound,
  SyncStatus,
  GiveUpOutbound,
  ConnectChannel,
  DisconnectChannel,
  LinkContact,
  LinkChat,
  OpenChat,
  OpenFile,
  CopyFile,
  Reconcile,
  ReconcileClients,
  ReconcileManagers,
  ReconcileReceipts,
  ReviewTemplate,
  SubmitTemplate,
  RegisterModeration,
  SyncLineTemplates,
  SyncTemplates,
];

@Module({ providers: USE_CASES, exports: USE_CASES })
export class UseCasesModule {}
