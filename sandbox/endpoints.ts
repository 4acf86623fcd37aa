/** What a fault of either twin can be aimed at: names of requests, then of what the twin posts. */
export const ENDPOINTS = {
  edna: {
    requests: [
      'schedule',
      'simple',
      'max-bot',
      'max',
      'legacy',
      'legacy-status',
      'legacy-templates',
      'legacy-subjects',
      'cascades',
      'channels',
      'history',
      'read-receipts',
      'templates',
      'new-template',
      'callback-set',
      'subscribers',
      'files',
      'unknown',
    ],
    posts: ['incoming', 'status', 'template', 'event'],
  },
  amojo: {
    requests: [
      'connect',
      'disconnect',
      'chats',
      'message',
      'delivery-status',
      'history',
      'client-typing',
      'react',
      'account',
      'users',
      'contacts',
      'contact-chats',
      'leads',
      'sources',
      'chat-templates',
      'talks',
      'webhooks',
      'oauth',
      'access-token',
      'subdomain',
      'files',
      'unknown',
    ],
    posts: ['hook', 'typing', 'reaction', 'account-hook'],
  },
} as const;

export type TwinName = keyof typeof ENDPOINTS;

/** Faults of what a twin posts; all others are of requests it gets. */
const OF_POSTS: readonly string[] = [
  'lose',
  'double',
  'delay',
  'reorder',
  'drop',
  'drop-answer',
  'unsigned',
  'badly-signed',
  'reshape',
];

/** Why a fault would never strike; undefined where it can. A misspelt endpoint is no other mistake. */
export function whyItCannotStrike(
  twin: TwinName,
  { kind, endpoint }: { readonly kind: string; readonly endpoint?: string },
): string | undefined {
  if (kind === 'reshape' && twin === 'amojo') return 'reshape: amoCRM signs its hooks';
  if (endpoint === undefined) return undefined;
  const known: readonly string[] = ENDPOINTS[twin][OF_POSTS.includes(kind) ? 'posts' : 'requests'];
  if (known.includes(endpoint)) return undefined;
  return `endpoint: ${kind} of ${twin} strikes ${known.join(', ')}, not ${endpoint}`;
}
