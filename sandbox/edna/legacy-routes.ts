import { textOrNull, isObject } from '../json.ts';
import type { Answer } from '../answer.ts';
import { Acceptance } from './acceptance.ts';
import { channelOfImType, type Channel } from './catalogue.ts';
import type { Objection } from './gate.ts';
import { legacyTime } from './incoming-bodies.ts';
import { openChannel, openMethod, opens } from './keys.ts';
import { readHsm, readLegacy, readSubject } from './legacy.ts';
import type { OutMessage } from './out-message.ts';
import { refuseLegacy } from './refusals.ts';
import { legacyTemplateBody } from './template-requests.ts';
import type { Workings } from './workings.ts';

const PATH = '/api/old';

/** The older API on the new host. It refuses with a code in the body, often with HTTP 200. */
export function addLegacyRoutes(workings: Workings): void {
  const { server, settings, delivery } = workings;
  const acceptance = new Acceptance(workings);
  const no = (code: string, detail: string): Error =>
    refuseLegacy(code, settings.legacyRefusalStatus, detail);

  for (const [path, reader, codes] of [
    ['imOutMessage', readLegacy, { ...CODES, 'no-template': 'not-template-match' }],
    ['imOutHSM', readHsm, CODES],
  ] as const) {
    server.route('post', `${PATH}/${path}`, 'legacy', (request) => {
      const context = {
        channels: settings.channels,
        refusalStatus: settings.legacyRefusalStatus,
        checkIsUnique: (id: string): void => acceptance.checkLegacyId(id, request),
      };
      const { requestId } = acceptance.take(
        request,
        (body) => reader(body, context),
        (objection) => no(codes[objection], objection),
      );
      return { status: 200, body: { id: requestId, code: 'ok' } };
    });
  }

  server.route('get', `${PATH}/imOutMessage/:id`, 'legacy-status', (request) => {
    const key = openMethod(request, 'messaging', settings);
    const { id = '' } = request.params;
    const message = delivery.byRequestId('legacy', id);
    if (message === undefined) throw no('error-not-found', `no message ${id}`);
    openChannel(key, message.channel, request);
    return statusAnswer(message);
  });

  server.route('post', `${PATH}/getOutMessageMatchers`, 'legacy-templates', (request) => {
    const key = openMethod(request, 'templates', settings);
    const body = isObject(request.body) ? request.body : {};
    if (textOrNull(body.imType) === null) throw no('error-im-type-not-specified', 'imType');
    const channel = readSubject(body.subject, settings.channels, no);
    openChannel(key, channel, request);
    const listed = settings.templates.filter(
      ({ subjectIds, channelType }) =>
        subjectIds.includes(channel.subjectId) &&
        channelType.toLowerCase() === String(body.imType).toLowerCase(),
    );
    return { status: 200, body: { code: 'ok', result: listed.map(legacyTemplateBody) } };
  });

  server.route('post', `${PATH}/im-subject/by-apikey`, 'legacy-subjects', (request) => {
    const key = openMethod(request, 'channels', settings);
    const imType = isObject(request.body) ? request.body.imType : undefined;
    if (textOrNull(imType) === null) throw no('error-im-type-not-specified', 'imType');
    const type = channelOfImType(imType, settings.channels)?.type;
    const listed = settings.channels.filter(
      (one) => one.type === type && one.active && opens(key, one),
    );
    // Success has no code here.
    return { status: 200, body: listed.map(signature) };
  });
}

const CODES = {
  'no-funds': 'error-insufficient-balance',
  'account-blocked': 'error-system-blocked',
  'no-template': 'error-content-do-not-match-hsm-template',
} satisfies Record<Objection, string>;

function statusAnswer(message: OutMessage): Answer {
  const last = message.statuses.at(-1);
  return {
    status: 200,
    body: {
      imOutMessageId: message.requestId,
      dlvStatus: (last?.status ?? 'ENQUEUED').toLowerCase(),
      dlvStatusAt: legacyTime(last?.at ?? message.acceptedAt),
      dlvError: last?.error ?? null,
      code: 'ok',
    },
  };
}

/** edna's older word for a channel. */
function signature({ subjectId, subject, name, type }: Channel) {
  return { id: subjectId, subject, name, imType: type.toLowerCase() };
}
