import { Refusal, type Answer } from '../answer.ts';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
};

/** An error of REST v4. @param reason for the ledger, where it says more than `detail` */
export function problem(
  status: number,
  detail: string,
  more: object = {},
  reason = detail,
): Answer {
  const body = {
    ...more,
    title: TITLES[status] ?? 'Error',
    type: `https://httpstatus.es/${status}`,
    status,
    detail,
  };
  return { status, body, reason, headers: { 'Content-Type': 'application/problem+json' } };
}

export function refuseRest(status: number, detail: string, reason?: string): Refusal {
  return new Refusal(problem(status, detail, {}, reason));
}

/** What is wrong with one field of a write request. */
export interface FieldError {
  readonly code: string;
  readonly path: string;
  readonly detail: string;
}

/** A 400 that names the entity by its `request_id` and the field by its path. */
export function refuseField(requestId: string, error: FieldError): Refusal {
  const errors = { 'validation-errors': [{ request_id: requestId, errors: [error] }] };
  const reason = `${error.path}: ${error.detail}`;
  return new Refusal(problem(400, 'Request validation failed', errors, reason));
}

/** What nginx answers to an address that was blocked for going on after 429. */
export const BLOCKED: Answer = {
  status: 403,
  body: '<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  reason: 'the address is blocked for repeated 429',
};
