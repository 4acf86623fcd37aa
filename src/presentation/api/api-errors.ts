import { NotInCrm } from '../../domain/contacts.js';
import { DeliveryError } from '../../domain/errors.js';

/** What a program is told that cannot have what it asks for. */
export interface ApiAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What is wrong with a call; the text is written for the caller. */
export class ApiRefusal extends Error implements ApiAnswer {
  override readonly name = 'ApiRefusal';

  constructor(
    readonly status: 400 | 404 | 409 | 422 | 504,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const NOT_STORABLE = new ApiRefusal(
  422,
  'not-storable',
  'The journal cannot keep this: a field is too long.',
);

/** The answer to whatever a call of a program ended in; none where the call has nothing to do with it. */
export function apiAnswerOf(error: unknown): ApiAnswer | undefined {
  if (error instanceof ApiRefusal) {
    return { status: error.status, code: error.code, message: error.message };
  }
  if (error instanceof NotInCrm) {
    const message = `amoCRM has no such ${error.what}. Look the id up in the account of this line.`;
    return { status: 404, code: `${error.what}-unknown`, message };
  }
  return error instanceof DeliveryError ? ofUpstream(error) : undefined;
}

/** By the status amoCRM answered. Its words may repeat what was sent, so they are not passed on; codes are. */
const BY_STATUS: Readonly<Record<number, Omit<ApiAnswer, 'message'> & { readonly mend: string }>> =
  {
    400: {
      status: 422,
      code: 'amocrm-rejected',
      mend: 'It does not take this: look at the fields.',
    },
    404: {
      status: 409,
      code: 'channel-not-connected',
      mend: 'It knows no such channel of this account: connect the line first.',
    },
    422: {
      status: 422,
      code: 'amocrm-rejected',
      mend: 'It does not take this: look at the fields.',
    },
    429: { status: 502, code: 'amocrm-busy', mend: 'It asks to be left alone: repeat in a while.' },
  };

const REFUSED = {
  status: 502,
  code: 'amocrm-refused',
  mend: 'It refuses everything: look at the key, the rights and the settings of the line.',
};
const FAULT = { status: 502, code: 'amocrm-fault', mend: 'It has a fault: repeat in a while.' };
const NO_ANSWER = {
  status: 504,
  code: 'amocrm-no-answer',
  mend: 'It may have been done: repeat with the same Idempotency-Key.',
};

function ofUpstream({ outcome, message: what, details }: DeliveryError): ApiAnswer {
  const { httpStatus } = details;
  const { mend, ...answer } =
    httpStatus === undefined
      ? outcome === 'unknown'
        ? NO_ANSWER
        : outcome === 'blocked'
          ? REFUSED
          : { ...FAULT, code: 'amocrm-unreachable' }
      : (BY_STATUS[httpStatus] ?? (httpStatus >= 500 ? FAULT : REFUSED));
  return { ...answer, message: `${what}. ${mend}` };
}
