import { fromCurrent, fromLegacy, fromSimple } from './edna-incoming.mapper.js';
import {
  EdnaLegacyIncoming,
  EdnaLegacyStatus,
  EdnaSimpleIncoming,
  EdnaSimpleStatus,
} from './edna-old-webhook.wire.js';
import { openedNow, type PostContext } from './edna-line.js';
import { toReceiptEvents } from './edna-receipt.mapper.js';
import { EdnaIncoming, EdnaStatus } from './edna-webhook.wire.js';
import { type Reading, ignored, quarantine } from './reading.js';
import { readAs } from './wire-fields.js';
import { type Fields, has, isFields, toText } from './wire-values.js';

interface Form {
  readonly fits: (body: Fields) => boolean;
  readonly read: (body: Fields, context: PostContext) => Reading | readonly Reading[];
}

/** Nothing in a body says what it is, so it is known by its fields; the first form that fits it is taken. */
const FORMS: readonly Form[] = [
  {
    fits: (body) => has(body, 'messageContent', 'subscriber'),
    read: (body, context) => readAs(EdnaIncoming, body, (wire) => fromCurrent(wire, context)),
  },
  {
    fits: (body) => has(body, 'status') && has(body, 'requestId', 'messageId', 'statusAt'),
    read: (body, context) =>
      readAs(EdnaStatus, body, (wire) => toReceiptEvents(wire, context, 'requestId')),
  },
  {
    // A template changed its category, a link was clicked: https://docs-pulse.edna.io/docs/api/callback/webhook-wa
    fits: (body) => has(body, 'payload') && has(body, 'type') && has(body, 'version'),
    read: () => ignored('account-event'),
  },
  {
    // https://docs-pulse.edna.io/docs/api/callback/get-status-template
    fits: (body) => has(body, 'channelType') && has(body, 'content') && has(body, 'category'),
    read: ({ id, name, status, locked, rejectReason, reason }, context) => ({
      ...ignored('template-status'),
      lines: openedNow(context),
      template: {
        id: toText(id).trim(),
        name: toText(name).trim(),
        status: toText(status).trim().toUpperCase(),
        isLocked: locked === true,
        // No page of edna's has it; should it come, an administrator is to read it.
        rejectReason: toText(rejectReason ?? reason).trim() || undefined,
      },
    }),
  },
  {
    fits: (body) => has(body, 'dlvStatus'),
    read: (body, context) =>
      readAs(EdnaLegacyStatus, body, (wire) =>
        toReceiptEvents(
          { requestId: wire.imOutMessageId, status: wire.dlvStatus, error: wire.dlvError },
          context,
          'imOutMessageId',
        ),
      ),
  },
  {
    fits: (body) =>
      has(body, 'imSubject', 'imSubjectId') || (has(body, 'address') && has(body, 'contentType')),
    read: (body, context) => readAs(EdnaLegacyIncoming, body, (wire) => fromLegacy(wire, context)),
  },
  {
    // A key without a value counts here: a message that says nothing was sent all the same.
    fits: (body) =>
      (has(body, 'imType') && has(body, 'subject') && ('text' in body || 'attachment' in body)) ||
      'fromClient' in body,
    read: (body, context) => readAs(EdnaSimpleIncoming, body, (wire) => fromSimple(wire, context)),
  },
  {
    fits: (body) => has(body, 'id') && has(body, 'status'),
    read: (body, context) =>
      readAs(EdnaSimpleStatus, body, (wire) =>
        toReceiptEvents(
          { requestId: wire.id, status: wire.status, error: wire.error },
          context,
          'id',
        ),
      ),
  },
];

/** What one body of edna's says, to each line it is for. Total: whatever comes, something is made of it. */
export function toEvents(body: unknown, context: PostContext): readonly Reading[] {
  const form = isFields(body) ? FORMS.find(({ fits }) => fits(body)) : undefined;
  const read = form && isFields(body) ? form.read(body, context) : quarantine('unknown-shape');
  return 'type' in read ? [read] : read;
}
