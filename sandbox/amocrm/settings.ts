/** How REST v4 and OAuth behave. Every setting may be changed while the twin runs. */
export interface CrmSettings {
  /** "Incoming leads": where off, a live message opens an ordinary lead in the first stage. */
  isUnsortedOn: boolean;
  /** An account that is not paid answers 402 to all of REST v4. */
  isPaid: boolean;
  /** Rights of who gave the access: users, links and templates are an administrator's. */
  isAdminToken: boolean;
  /** `external` integrations have neither users nor sources. */
  integrationKind: 'private' | 'external';
  /** Whether support wrote the integration into the channel's settings; without it, no links. */
  isIntegrationOfChannel: boolean;
  /** Wait before the contact and the lead of a live message are there: amoCRM makes them later. */
  leadDelayMs: number;
  /**
   * What a live message does in a chat that was linked to a contact. Not established; the
   * documentation only says that linking avoids an unwanted incoming lead.
   */
  linkedChatLead: 'never' | 'unless-open';
  /** Requests REST v4 takes in a second; 0 is no limit. */
  restPerSecond: number;
  /** So many 429 within a minute block the address, until `unblock()`; 0 never does. */
  restBlockAfter: number;
  /** Kommo answers 429 in JSON, amoCRM may answer it as a page. */
  tooManyBody: 'json' | 'html';
  /** `retry_after` of that JSON: the documented sample has 300. */
  restRetryAfterSeconds: number;
  /** Sources of an integration: 50 on one page of the documentation, 100 on another. */
  maxSources: number;
  /** One project reports 400 for a source without `pipeline_id`. */
  sourceNeedsPipeline: boolean;
  /** Templates beyond this are 422; the number itself is not documented. */
  maxTemplates: number;
  /**
   * Documented: a template of WhatsApp can be changed in the status `draft` only. Whether that goes
   * for `external_id`, too, and whether one that was rejected is a draft again, is not established;
   * `draft` refuses both.
   */
  wabaEdits: 'draft' | 'always';
  /** Whether the tariff has webhooks; 402 for one that has none is not established. */
  hasWebhooks: boolean;
  /**
   * Waits before a webhook of the account is repeated. Documented: 5 and 15 minutes; after 499 and
   * 5xx 15 minutes and an hour, which this twin does not tell apart.
   */
  accountHookResendSeconds: readonly number[];
  accountHookTimeoutMs: number;

  /** The integration: its `client_id`, its `client_secret`, and the address it registered. */
  integrationId: string;
  integrationSecret: string;
  redirectUri: string;
  /** Where amoCRM tells that the integration was switched off; nowhere when left out. */
  disableHookUrl: string | undefined;
  /** What the user does on the page of consent; `ask` shows a page with both buttons. */
  consent: 'grant' | 'refuse' | 'ask';
  /** `referer` of the redirect: the twin's own address, or the account's as in life. */
  referer: 'twin' | 'account';
  /** 1: amocrm.ru; 2: amocrm.com and kommo.com. */
  oauthPlatform: 1 | 2;
  /**
   * What every exchange of codes and tokens is answered, whatever it holds: as where an administrator
   * took the access back, where the account is not paid, or where nginx blocks the address.
   */
  oauthRefusal: 'none' | 'revoked' | 'unpaid' | 'blocked';
  codeSeconds: number;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
}

export function defaultCrmSettings(): CrmSettings {
  return {
    isUnsortedOn: true,
    isPaid: true,
    isAdminToken: true,
    integrationKind: 'private',
    isIntegrationOfChannel: true,
    leadDelayMs: 5,
    linkedChatLead: 'never',
    restPerSecond: 7,
    restBlockAfter: 10,
    tooManyBody: 'json',
    restRetryAfterSeconds: 300,
    maxSources: 50,
    sourceNeedsPipeline: false,
    maxTemplates: 100,
    wabaEdits: 'draft',
    hasWebhooks: true,
    accountHookResendSeconds: [300, 900],
    accountHookTimeoutMs: 2000,
    integrationId: '7b0e9c14-5a2d-4f38-b6c1-8d94e3f7a210',
    integrationSecret: 'Qm3vT9sLx2',
    redirectUri: 'http://127.0.0.1:3000/oauth/amocrm/callback',
    disableHookUrl: undefined,
    consent: 'grant',
    referer: 'twin',
    oauthPlatform: 1,
    oauthRefusal: 'none',
    codeSeconds: 20 * 60,
    accessTokenSeconds: 86_400,
    // Three months.
    refreshTokenSeconds: 90 * 86_400,
  };
}
