/** Whether it is a phone as edna writes one: digits with the country code, no plus. */
export function isPhone(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9]\d{9,14}$/.test(value);
}
