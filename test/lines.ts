import { type Channel, channel, type Cascade } from '../sandbox/edna/catalogue.ts';
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';

/* Lines and companies for the end-to-end specs. */

/** What a line of a spec has beside what its sandbox says. */
export interface LineOf {
  readonly name?: string;
  readonly edna?: object;
  readonly amocrm?: object;
  readonly aliases?: object;
  readonly copy?: true;
}

/** A line between the twins of a sandbox, as the file of lines has it. */
export function lineAt(sandbox: Sandbox, { edna, amocrm, ...more }: LineOf = {}): object {
  const { EDNA_BASE_URL, EDNA_API_KEY, EDNA_WEBHOOK_TOKEN, ...amo } = sandbox.environment();
  return {
    ...more,
    edna: {
      api_key: EDNA_API_KEY,
      base_url: EDNA_BASE_URL,
      webhook_token: EDNA_WEBHOOK_TOKEN,
      ...edna,
    },
    amocrm: {
      channel_id: amo['AMOCRM_CHANNEL_ID'],
      channel_secret: amo['AMOCRM_CHANNEL_SECRET'],
      account_id: amo['AMOCRM_ACCOUNT_ID'],
      amojo_base_url: amo['AMOCRM_AMOJO_BASE_URL'],
      ...amocrm,
    },
  };
}

/** JSON is YAML. */
export function linesFile(...lines: readonly object[]): string {
  return JSON.stringify({ lines }, undefined, 2);
}

/** An edna account with these WhatsApp channels and no others, each with its own cascade. */
export function numbers(...subjectIds: readonly number[]): {
  channels: readonly Channel[];
  cascades: readonly Cascade[];
} {
  const channels = subjectIds.map((id) => channel(id, id, `wa_${id}`, 'WHATSAPP'));
  const cascades = channels.map(({ subject, subjectId }) => {
    return {
      id: subjectId + 900_000,
      name: subject,
      status: 'ACTIVE' as const,
      subjects: [subject],
    };
  });
  return { channels, cascades };
}

/** Another company: nothing in common with the sandbox's defaults. */
export const OTHER_COMPANY = {
  edna: {
    apiKey: '6f1a2c38-8b40-4d27-9e15-b2d7c90a4f63',
    webhookToken: 'another-webhook-token',
    ...numbers(82001),
  },
  amojo: {
    connected: false,
    channelId: '8a3c1d70-5b42-4e6f-9d18-7c2f0a4e6b91',
    channelSecret: 'e90b64d1c2a75f38e1d06b9a4c87f2531d0e6ba9',
    accountId: '1b7e0c25-93d4-4a6f-8e50-2f6c9d3a7b18',
    accountNumber: 28_440_031,
    subdomain: 'zeta',
    restToken: 'another-long-lived-token',
    restPerSecond: 0,
    // Kommo's habits, where they differ from amoCRM's.
    emptyBody: 'object',
    oauthPlatform: 2,
  },
} satisfies SandboxOptions;
