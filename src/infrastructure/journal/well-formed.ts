/**
 * The same value with every text in it made storable: no NUL (PostgreSQL takes none) and no lone surrogates
 * (neither UTF-8 nor amojo's JSON can hold them).
 */
export function wellFormed<T>(value: T): T {
  if (typeof value === 'string') return clean(value) as T;
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date || Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map((entry: unknown) => wellFormed(entry)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [clean(key), wellFormed(entry as unknown)]),
  ) as T;
}

function clean(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '') : text).toWellFormed();
}
