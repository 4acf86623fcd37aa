import type { Request } from 'express';

/** The bytes of a request as they came; express.raw, which serves the webhooks, leaves a request without any body alone. */
export function rawBody(request: Request): Buffer {
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
