import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import type { Response } from 'express';
import { JournalUnavailable } from '../domain/errors.js';
import { MediaFault, type MediaTrouble } from '../domain/media.js';
import { LinkExpired, NoSuchLink } from '../use-cases/open-file.js';
import { Interrupted } from '../use-cases/page-by-page.js';
import { NothingToCompare } from '../use-cases/reconcile.js';
import { WrongAdminToken } from './admin.guard.js';
import { apiAnswerOf } from './api/api-errors.js';
import { WrongAccountToken } from './webhooks/amocrm-account.guard.js';
import { TooManyFiles } from './media/media.controller.js';
import { WidgetRefusal } from './widget/widget-refusal.js';
import { OauthOff, WrongDisableSignature } from './oauth/oauth.controller.js';
import { AlreadyComparing } from './reconciler.js';
import { AlreadySyncing } from './templates.controller.js';
import { TooManyUnknown, WrongSignature } from './webhooks/amocrm-webhook.guard.js';
import { WrongWebhookToken } from './webhooks/edna-webhook.guard.js';
import { NotJson } from './webhooks/json.js';
import { NotInQuarantine } from './webhooks/replay.js';

/** What a caller is told. Codes are stable; the text says what is wrong and how to mend it. */
interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Our own errors whose text is written for the caller. */
const OURS: readonly (readonly [new (...args: never[]) => Error, Omit<Answer, 'message'>])[] = [
  [WrongWebhookToken, { status: 401, code: 'wrong-token' }],
  [WrongAdminToken, { status: 401, code: 'wrong-token' }],
  [WrongAccountToken, { status: 401, code: 'wrong-token' }],
  [TooManyUnknown, { status: 503, code: 'too-many-unknown' }],
  [WrongSignature, { status: 401, code: 'wrong-signature' }],
  [WrongDisableSignature, { status: 401, code: 'wrong-signature' }],
  [OauthOff, { status: 404, code: 'oauth-off' }],
  [NotInQuarantine, { status: 404, code: 'not-in-quarantine' }],
  [AlreadySyncing, { status: 409, code: 'already-syncing' }],
  [AlreadyComparing, { status: 409, code: 'already-comparing' }],
  [NothingToCompare, { status: 409, code: 'empty-journal' }],
  [Interrupted, { status: 503, code: 'stopping' }],
];

/** Errors whose own text is none of the caller's business, or says too little. */
const ANSWERS = {
  notJson: {
    status: 400,
    code: 'not-json',
    message: "The body is not JSON. Send one JSON object, or, to edna's webhook, an array of them.",
  },
  notFound: {
    status: 404,
    code: 'not-found',
    message:
      'There is nothing here. The webhooks are /webhooks/edna and /webhooks/amocrm; /docs lists all routes.',
  },
  tooLarge: {
    status: 413,
    code: 'too-large',
    message: 'The body is larger than 1 MiB. Send files as links.',
  },
  journalUnavailable: {
    status: 503,
    code: 'journal-unavailable',
    message: 'Nothing can be kept right now, so this was not accepted. Send it again later.',
  },
  internal: {
    status: 500,
    code: 'internal',
    message: 'A fault of the bridge. Its log says more.',
  },
} as const satisfies Record<string, Answer>;

/** Of a file that a link of ours names. */
const FILES = {
  expired: {
    status: 410,
    code: 'link-expired',
    message: 'This link has expired. Look for the file in the messenger.',
  },
  gone: {
    status: 404,
    code: 'file-gone',
    message: 'The file is not where it was any more. Ask for it to be sent again.',
  },
  refused: {
    status: 404,
    code: 'file-refused',
    message: 'The file lies at an address that is not public. Send it from one that is.',
  },
  tooLarge: {
    status: 502,
    code: 'file-too-large',
    message: 'The file is larger than this bridge passes on. Send a link to it.',
  },
  unreachable: {
    status: 502,
    code: 'file-unreachable',
    message: 'The server that has the file does not give it right now. Try again later.',
  },
  tooMany: {
    status: 503,
    code: 'too-many-files',
    message: 'Many files are being fetched at this moment. Try again in a few seconds.',
  },
  tooSlow: {
    status: 504,
    code: 'file-too-slow',
    message: 'The server that has the file does not answer in time. Try again later.',
  },
} as const satisfies Record<string, Answer>;

const TROUBLES = {
  gone: FILES.gone,
  refused: FILES.refused,
  'too-large': FILES.tooLarge,
  'too-slow': FILES.tooSlow,
  unreachable: FILES.unreachable,
  'no-room': FILES.unreachable,
} as const satisfies Record<MediaTrouble, Answer>;

/** Turns whatever is thrown into an answer: the one place that does. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, code, message } = toAnswer(error);
    if ([MediaFault, TooManyFiles, TooManyUnknown].some((type) => error instanceof type)) {
      this.logger.warn({ msg: code });
    } else this.note(error, status, code);
    if (!response.headersSent) response.status(status).json({ code, message });
  }

  private note(error: unknown, status: number, code: string): void {
    if (status >= 500) {
      const { cause, stack } =
        error instanceof Error ? error : { cause: undefined, stack: undefined };
      this.logger.error({
        msg: code,
        stack,
        cause: cause instanceof Error ? cause.stack : undefined,
      });
    } else if (status === 401) {
      // amoCRM sends a hook once, so a refused one is news. The address is left out: it may hold a token.
      this.logger.warn({ msg: code });
    }
  }
}

function toAnswer(error: unknown): Answer {
  for (const [type, answer] of OURS) {
    if (error instanceof type) return { ...answer, message: error.message };
  }
  if (error instanceof WidgetRefusal) return error;
  if (error instanceof NotJson) return ANSWERS.notJson;
  if (error instanceof JournalUnavailable) return ANSWERS.journalUnavailable;
  if (error instanceof MediaFault) return TROUBLES[error.trouble];
  if (error instanceof TooManyFiles) return FILES.tooMany;
  if (error instanceof LinkExpired) return FILES.expired;
  if (error instanceof NoSuchLink) return ANSWERS.notFound;
  const ofApi = apiAnswerOf(error);
  if (ofApi) return ofApi;
  const refused = refusedByParser(error);
  if (refused) return refused;
  return error instanceof HttpException ? toOther(error) : ANSWERS.internal;
}

/**
 * What express could not read has a `type`: `entity.too.large`, `request.aborted`, `encoding.unsupported`
 * (https://github.com/expressjs/body-parser#errors, read in November 2026). Nest hands it on as a cause.
 */
function refusedByParser(error: unknown): Answer | undefined {
  if (!(error instanceof HttpException)) return undefined;
  const { cause } = error;
  if (!(cause instanceof Error) || !('type' in cause) || typeof cause.type !== 'string') {
    return undefined;
  }
  if (cause.type === 'entity.too.large') return ANSWERS.tooLarge;
  const code = cause.type.replaceAll('.', '-');
  return { status: error.getStatus(), code, message: `The body could not be read: ${code}.` };
}

function toOther(error: HttpException): Answer {
  const status = error.getStatus();
  if (status === 404) return ANSWERS.notFound;
  if (status >= 500) return { ...ANSWERS.internal, status };
  return { status, code: CODES[status] ?? 'refused', message: error.message };
}

const CODES: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  405: 'method-not-allowed',
};
