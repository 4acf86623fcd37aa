/**
 * What of an error goes into a log: what it is and where it came from. A database's own errors also hold the row that
 * was refused, and with it phones and texts.
 */
export function plainError(error: unknown): Record<string, unknown> {
  if (typeof error !== 'object' || error === null) return { name: typeof error };
  const { name, code, stack, cause } = error as Partial<Record<string, unknown>>;
  const places =
    typeof stack === 'string' ? stack.split('\n').filter((l) => /^\s+at /.test(l)) : [];
  return {
    name,
    code,
    at: places.slice(0, 8),
    ...(cause !== undefined && { cause: plainError(cause) }),
  };
}
