import { Acceptance } from './acceptance.ts';
import { standsBesideFile } from './describe.ts';
import type { Objection } from './gate.ts';
import { readMax } from './max.ts';
import { NO_SUCH_PATH, refuse, refuseMax, refuseSchedule } from './refusals.ts';
import { readSchedule } from './schedule.ts';
import { readSimple } from './simple.ts';
import type { Workings } from './workings.ts';

/** The current ways to send: `cascade/schedule`, MAX, and the simple dialect where it is on. */
export function addSendingRoutes(workings: Workings): void {
  const { server, settings, ledger } = workings;
  const acceptance = new Acceptance(workings);

  server.route('post', '/api/cascade/schedule', 'schedule', (request) => {
    const { cascades, channels } = settings;
    const context = {
      cascades: typeof cascades === 'number' ? [] : cascades,
      channels,
      checkIsUnique: (id: string): void => acceptance.checkRequestId(id, request),
    };
    const read = (body: unknown) => readSchedule(body, context);
    const { requestId } = acceptance.take(request, read, (objection) => CURRENT[objection]());
    if (standsBesideFile(request.body)) ledger.ignoredTexts += 1;
    return { status: 200, body: { requestId } };
  });

  server.route('post', '/api/messages/send', 'simple', (request) => {
    if (!settings.simpleDialect) return { status: 404, body: NO_SUCH_PATH };
    const read = (body: unknown) => readSimple(body, settings.channels);
    const draft = acceptance.take(request, read, (objection) => CURRENT[objection]());
    return { status: 200, body: { id: draft.requestId } };
  });

  for (const dialect of ['max-bot', 'max'] as const) {
    server.route('post', `/api/v1/out-messages/${dialect}`, dialect, (request) => {
      const read = (body: unknown) => readMax(body, dialect, settings.channels);
      const message = acceptance.take(request, read, (objection) =>
        refuseMax(objection, 'insufficient funds, or the account is blocked'),
      );
      const echo = dialect === 'max-bot' ? { maxId: message.address } : {};
      return { status: 200, body: { outMessageId: message.messageId, ...echo } };
    });
  }
}

const CURRENT: Record<Objection, () => Error> = {
  'no-funds': () => refuseSchedule('insufficient funds'),
  'account-blocked': () => refuse('error-system-blocked', 'the account is blocked'),
  'no-template': () =>
    refuse('matched-template-not-found', 'no approved template has this text and structure'),
};
