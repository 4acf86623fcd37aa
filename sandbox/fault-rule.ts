import * as z from 'zod';
import type { FaultRule } from './faults.ts';

const AIM = {
  endpoint: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  address: z.string().optional(),
  text: z.string().optional(),
  times: z.int().positive().optional(),
};

/** A fault as it is written down outside of code: in a request to the API, in a scenario file. */
export const faultRule: z.ZodType<FaultRule> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('answer'),
    // What is below 200 is no answer yet: the caller would wait for ever.
    status: z.int().min(200).max(599),
    retryAfterSeconds: z.number().nonnegative().optional(),
    /** A text is answered as HTML, anything else as JSON. */
    body: z.unknown().optional(),
    ...AIM,
  }),
  z.strictObject({ kind: z.enum(['latency', 'delay']), ms: z.number().nonnegative(), ...AIM }),
  z.strictObject({
    kind: z.enum([
      'reset-before',
      'reset-after',
      'hang-before',
      'hang-after',
      'hold',
      'lose',
      'double',
      'reorder',
      'drop',
      'drop-answer',
      'unsigned',
      'badly-signed',
    ]),
    ...AIM,
  }),
  z.strictObject({
    kind: z.literal('reshape'),
    array: z.boolean().optional(),
    set: z.record(z.string(), z.unknown()).optional(),
    without: z.array(z.string()).optional(),
    ...AIM,
  }),
]);
