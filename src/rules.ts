import { IsIn, IsInt, IsUrl, Matches, Max, Min } from 'class-validator';

/* What a setting expects, in the words an operator reads. The same for the environment and the file of lines. */

const aUrl = {
  require_tld: false,
  require_protocol: true,
  protocols: ['http', 'https'],
  disallow_auth: true,
  allow_query_components: false,
  allow_fragments: false,
};

export const url = (example: string) =>
  IsUrl(aUrl, { message: `expects an address with http:// or https://, such as ${example}` });

export const whole = (least: number, most: number) => {
  const message = `expects a whole number from ${least} to ${most}`;
  return (target: object, name: string) => {
    IsInt({ message })(target, name);
    Min(least, { message })(target, name);
    Max(most, { message })(target, name);
  };
};

export const oneOf = (...values: readonly string[]) =>
  IsIn(values, { message: `expects one of: ${values.join(', ')}` });

export const given = (what: string) => Matches(/\S/, { message: `is required: ${what}` });

/** What goes into a header: no letters beyond ASCII, no blanks. */
export const aKey = (what: string) =>
  Matches(/^[\x21-\x7e]+$/, { message: `is required: ${what}, in Latin letters without blanks` });

export const aNumber = () => Matches(/^\d+$/, { message: 'expects a number' });

/** The interfaces of edna's that messages can be sent through. */
export const SEND_PATHS = [
  '/api/cascade/schedule',
  '/api/messages/send',
  '/api/old/imOutMessage',
  '/api/v1/out-messages/max-bot',
  '/api/v1/out-messages/max',
];

export function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}
