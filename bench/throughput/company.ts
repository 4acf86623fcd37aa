/*
 * The company that is served while something is measured: one line, and so many clients that their lanes are not what
 * holds anything up.
 */
export const COMPANY = {
  channelId: '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37',
  accountId: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef',
  channelSecret: 'b7c1d90e4f5a6b2c8d3e1f0a9b8c7d6e5f4a3b2c',
  ednaKey: 'bench-api-key',
  webhookToken: 'bench-webhook-token',
  /** edna's channel and the cascade that leads through it. */
  subjectId: 71844,
  subject: 'acme_wa_main',
  cascadeId: 9026,
  clients: 1_000,
} as const;

/** Everything the bridge is told, beside where its journal is and where it listens. */
export function environmentOf(upstreamUrl: string): Record<string, string> {
  return {
    EDNA_BASE_URL: upstreamUrl,
    EDNA_API_KEY: COMPANY.ednaKey,
    EDNA_WEBHOOK_TOKEN: COMPANY.webhookToken,
    AMOCRM_AMOJO_BASE_URL: upstreamUrl,
    AMOCRM_CHANNEL_ID: COMPANY.channelId,
    AMOCRM_CHANNEL_SECRET: COMPANY.channelSecret,
    AMOCRM_ACCOUNT_ID: COMPANY.accountId,
    EDNA_RATE_PER_SECOND: '0',
    AMOJO_RATE_PER_SECOND: '0',
  };
}
