import type { z } from 'zod';

/** What is wrong, as `where: what` for each mistake. */
export function explain({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
}
