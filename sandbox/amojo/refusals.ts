import { Refusal } from '../answer.ts';

/** The envelope of every amojo error. */
export function errorBody(status: number, type: string, description: string) {
  return { status: 0, error_code: status, error_type: type, error_description: description };
}

export function refuse(
  status: number,
  type: string,
  description: string,
  reason?: string,
): Refusal {
  return new Refusal({
    status,
    body: errorBody(status, type, description),
    reason: reason ?? `${type}: ${description}`,
  });
}

/** @param why what is wrong with it; amojo does not tell, the ledger does */
export function refuseSignature(why: string): Refusal {
  return refuse(403, 'ORIGIN_INVALID_SIGNATURE', 'invalid signature', why);
}

/** A channel or scope amojo does not know. */
export function refuseOrigin(what: string): Refusal {
  return refuse(404, 'ORIGIN_NOT_REGISTERED', 'NOT_FOUND', `unknown ${what}`);
}

/** The type of a 400 is not documented; this one is a placeholder. */
export function refuseData(field: string, reason: string): Refusal {
  return refuse(400, 'BAD_REQUEST', `${field}: ${reason}`);
}

/** A message amojo does not know; whether such a 404 has a body is not established. */
export function refuseMessage(what: string, bodies: 'envelope' | 'none'): Refusal {
  if (bodies === 'envelope') return refuse(404, 'MESSAGE_NOT_FOUND', `no message ${what}`);
  return new Refusal({ status: 404, reason: `MESSAGE_NOT_FOUND: no message ${what}` });
}
