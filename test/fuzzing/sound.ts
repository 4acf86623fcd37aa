/**
 * What of a value no program can go on with: a date that is none, a number that is none. A `body` is left out: it is
 * what the other side wrote, and for a mapper to read.
 */
export function unsoundIn(value: unknown, path = ''): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return `${path}: ${value}`;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? `${path}: no date` : undefined;
  }
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return undefined;
  for (const [key, entry] of Object.entries(value)) {
    if (key === 'body') continue;
    const inner = unsoundIn(entry, `${path}.${key}`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
