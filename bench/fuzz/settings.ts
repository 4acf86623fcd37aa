/** What the fuzzed bridge is told of itself; whoever posts to it knows the same secrets. */
export const LINE = {
  channelId: '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37',
  accountId: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef',
  secret: 'b7c1d90e4f5a6b2c8d3e1f0a9b8c7d6e5f4a3b2c',
  token: 'fuzz-webhook-token',
} as const;

export const SCOPE_ID = `${LINE.channelId}_${LINE.accountId}`;

/** @param upstream answers for both platforms */
export function environment(upstream: string, database: string): Record<string, string> {
  return {
    DATABASE_URL: database,
    EDNA_BASE_URL: upstream,
    EDNA_API_KEY: 'fuzz-api-key',
    EDNA_WEBHOOK_TOKEN: LINE.token,
    AMOCRM_AMOJO_BASE_URL: upstream,
    AMOCRM_CHANNEL_ID: LINE.channelId,
    AMOCRM_CHANNEL_SECRET: LINE.secret,
    AMOCRM_ACCOUNT_ID: LINE.accountId,
    EDNA_RATE_PER_SECOND: '0',
    AMOJO_RATE_PER_SECOND: '0',
    EDNA_ATTACHMENT_WAIT_SECONDS: '0',
    // A message that meets an odd answer is tried again while the run lasts.
    RETRY_MAX_SECONDS: '2',
    LOG_LEVEL: 'error',
  };
}
