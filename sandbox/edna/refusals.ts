import { Refusal } from '../answer.ts';

/** Every current method but MAX refuses in this shape. */
export function problemBody(title: string, status: number, detail: string) {
  return { title, status, detail };
}

export const NO_SUCH_PATH = problemBody('not-found', 404, 'no such path');

/** A refusal by the current API: shape A, HTTP 400 unless said otherwise. */
export function refuse(title: string, detail: string, status = 400): Refusal {
  return new Refusal({
    status,
    body: problemBody(title, status, detail),
    reason: `${title}: ${detail}`,
  });
}

/**
 * What breaks the contract of `cascade/schedule` without a code of its own.
 * edna's table writes this code with `is-`, its real body without.
 */
export function refuseSchedule(violation: string): Refusal {
  return refuse(
    'cascade-scheduling-request-not-valid',
    `Cascade scheduling request is not valid. Violations: <${violation}>`,
  );
}

/** A refusal by the legacy API: shape B. The HTTP status may be 200 all the same. */
export function refuseLegacy(code: string, status: number, detail: string): Refusal {
  return new Refusal({ status, body: { code }, reason: `${code}: ${detail}` });
}

/** A refusal by `v1/out-messages`: only the code is known, not the shape around it. */
export function refuseMax(code: string, detail: string): Refusal {
  return new Refusal({
    status: 400,
    body: { code, message: detail },
    reason: `${code}: ${detail}`,
  });
}

/** The same refusal, but no fault of the caller: nothing goes into the ledger. */
export function excused(refusal: Refusal): Refusal {
  return new Refusal({ ...refusal.answer, excused: true });
}
