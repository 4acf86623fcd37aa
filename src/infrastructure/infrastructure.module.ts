import { Global, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { CONFIG, type Config } from '../config.js';
import { ApiCalls, Stories } from '../domain/api.js';
import { CrmContacts, CrmSources } from '../domain/contacts.js';
import { AccessEvents, CrmAccess } from '../domain/crm-access.js';
import { FiledMessages } from '../domain/filed-messages.js';
import { Journal } from '../domain/journal.js';
import { Lines } from '../domain/line.js';
import { FiledFiles, MediaLinks, MediaSource, MediaStore } from '../domain/media.js';
import { CrmChat, CrmDirectory, Messenger, SwitchedOff, UsedTokens } from '../domain/ports.js';
import { Settings } from '../domain/settings.js';
import { CrmTemplates, MessengerTemplates, ModerationHook } from '../domain/templates.js';
import { LineBook } from '../line-book.js';
import { AccountId } from './amocrm/account-id.js';
import { AmocrmAccounts } from './amocrm/amocrm.accounts.js';
import { AmocrmContacts } from './amocrm/amocrm.contacts.js';
import { AmocrmDirectory } from './amocrm/amocrm.adapter.js';
import { AmocrmModerationHook } from './amocrm/amocrm.moderation.js';
import { AmocrmOauth, Integration } from './amocrm/amocrm.oauth.js';
import { AmocrmSources } from './amocrm/amocrm.sources.js';
import { LineAccounts, Pause } from './amocrm/amocrm.rest.js';
import { AmocrmTemplates } from './amocrm/amocrm.templates.js';
import { AmocrmTokens } from './amocrm/amocrm.tokens.js';
import { AmojoCrmChat } from './amojo/amojo.adapter.js';
import { Clock } from './clock.js';
import { EdnaMessenger } from './edna/edna.adapter.js';
import { EdnaApi } from './edna/edna.api.js';
import { EdnaCatalogue } from './edna/edna.catalogue.js';
import { EdnaFiles } from './edna/edna.files.js';
import { EdnaRoutes } from './edna/edna.route.js';
import { EdnaTemplates } from './edna/edna.templates.js';
import { Http, HttpLimits } from './http.js';
import { SqlApiCalls } from './journal/api-calls.js';
import { JournalClock } from './journal/clock.js';
import { openDatabase, type Database } from './journal/database.js';
import { SqlFiledMessages } from './journal/filed-messages.js';
import { SqlFiles } from './journal/files.js';
import { SqlStories } from './journal/stories.js';
import { SqlJournal } from './journal/journal.js';
import { SqlSwitchedOff } from './journal/switched-off.js';
import { SqlUsedTokens } from './journal/used-tokens.js';
import { OauthTokens } from './journal/oauth-tokens.js';
import { SharedPace } from './journal/shared-pace.js';
import { FolderStore } from './media/folder-store.js';
import { GuardedAgents } from './media/guarded-agents.js';
import { MediaLimits } from './media/media-limits.js';
import { HttpMediaSource } from './media/media-source.js';
import { SignedMediaLinks } from './media/signed-links.js';

const DATABASE = 'the open database';

const configOf = (service: ConfigService) => service.getOrThrow<Config>(CONFIG);

/** What we call: the two platforms and the journal, each bound to its port. */
@Global()
@Module({
  providers: [
    Clock,
    Http,
    EdnaApi,
    EdnaCatalogue,
    EdnaRoutes,
    EdnaFiles,
    EdnaTemplates,
    AccountId,
    GuardedAgents,
    { provide: MediaLimits, useValue: new MediaLimits() },
    { provide: MediaSource, useClass: HttpMediaSource },
    { provide: MediaLinks, useClass: SignedMediaLinks },
    AmocrmOauth,
    AmocrmTokens,
    AmocrmAccounts,
    Pause,
    { provide: AccessEvents, useFactory: () => new AccessEvents() },
    { provide: CrmAccess, useExisting: AmocrmTokens },
    { provide: LineAccounts, useExisting: AmocrmAccounts },
    { provide: HttpLimits, useValue: new HttpLimits() },
    { provide: JournalClock, useFactory: () => new JournalClock() },
    { provide: Messenger, useClass: EdnaMessenger },
    { provide: CrmChat, useClass: AmojoCrmChat },
    { provide: CrmDirectory, useClass: AmocrmDirectory },
    { provide: CrmContacts, useClass: AmocrmContacts },
    { provide: CrmSources, useClass: AmocrmSources },
    { provide: CrmTemplates, useClass: AmocrmTemplates },
    { provide: ModerationHook, useClass: AmocrmModerationHook },
    { provide: MessengerTemplates, useExisting: EdnaTemplates },
    {
      provide: Settings,
      inject: [ConfigService],
      useFactory: (service: ConfigService) => configOf(service).settings,
    },
    {
      provide: Integration,
      inject: [ConfigService],
      useFactory: (service: ConfigService) => new Integration(configOf(service).oauth),
    },
    {
      provide: DATABASE,
      inject: [ConfigService, JournalClock],
      useFactory: (service: ConfigService, clock: JournalClock) =>
        openDatabase(configOf(service).databaseUrl, clock),
    },
    {
      provide: Journal,
      inject: [DATABASE],
      useFactory: (database: Database) => SqlJournal.open(database),
    },
    {
      provide: OauthTokens,
      inject: [DATABASE],
      useFactory: (database: Database) => new OauthTokens(database),
    },
    {
      provide: SharedPace,
      inject: [DATABASE],
      useFactory: (database: Database) => new SharedPace(database),
    },
    {
      provide: FiledFiles,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlFiles(database),
    },
    {
      provide: SwitchedOff,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlSwitchedOff(database),
    },
    {
      provide: UsedTokens,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlUsedTokens(database),
    },
    {
      provide: FiledMessages,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlFiledMessages(database),
    },
    {
      provide: ApiCalls,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlApiCalls(database),
    },
    {
      provide: Stories,
      inject: [DATABASE],
      useFactory: (database: Database) => new SqlStories(database),
    },
    {
      provide: MediaStore,
      inject: [ConfigService, Settings, MediaLimits],
      useFactory: async (service: ConfigService, settings: Settings, limits: MediaLimits) => {
        const { bucket } = configOf(service);
        if (!bucket) return new FolderStore(settings);
        const { S3Store } = await import('./media/s3-store.js');
        return new S3Store(bucket, limits);
      },
    },
    {
      provide: LineBook,
      inject: [ConfigService, DATABASE, AccountId],
      useFactory: (service: ConfigService, database: Database, accounts: AccountId) =>
        LineBook.open(configOf(service), (crm) => accounts.lookUp(database, crm)),
    },
    {
      provide: Lines,
      inject: [LineBook],
      useFactory: (book: LineBook) => book.lines,
    },
  ],
  exports: [
    Messenger,
    CrmChat,
    CrmDirectory,
    CrmAccess,
    AccessEvents,
    Journal,
    LineBook,
    Lines,
    Settings,
    FiledFiles,
    SwitchedOff,
    UsedTokens,
    FiledMessages,
    MediaLinks,
    MediaSource,
    MediaStore,
    CrmContacts,
    CrmSources,
    CrmTemplates,
    MessengerTemplates,
    ModerationHook,
    ApiCalls,
    Stories,
  ],
})
export class InfrastructureModule {}
