import type { JsonObject } from '../json.ts';
import type { Entry } from './entry.ts';

/** REST v4 has 36 characters; the chat pages say 40. */
const EXTERNAL_ID_CHARS = 36;

/** One number of the channel, as the account shows it. */
export interface Source {
  readonly id: number;
  name: string;
  pipelineId: number;
  readonly externalId: string | undefined;
  isDefault: boolean;
  originCode: string | null;
  services: readonly JsonObject[];
}

export interface SourceDraft {
  readonly name?: string;
  readonly pipelineId?: number;
  readonly externalId?: string;
  readonly isDefault?: boolean;
  readonly originCode?: string;
  readonly services?: readonly JsonObject[];
}

/** A source to be made or changed. @throws {Refusal} 400 */
export function readSourceEntry(entry: Entry): SourceDraft {
  const externalId = entry.optionalText('external_id');
  if (externalId !== undefined && !/^[\x20-\x7e]+$/.test(externalId)) {
    throw entry.no('external_id', 'InvalidValue', 'This value must be printable ASCII.');
  }
  if (externalId !== undefined && externalId.length > EXTERNAL_ID_CHARS) {
    const detail = `This value is too long. It should have ${EXTERNAL_ID_CHARS} characters or less.`;
    throw entry.no('external_id', 'TooLong', detail);
  }
  const services = entry.has('services') ? entry.objects('services') : undefined;
  for (const service of services ?? []) {
    if (service.text('type') !== 'whatsapp') throw service.notAChoice('type');
    const params = service.optionalObject('params');
    params?.optionalFlag('waba');
    params?.optionalFlag('is_supports_list_message');
    service.objects('pages');
  }
  return {
    name: entry.optionalText('name'),
    pipelineId: entry.optionalInteger('pipeline_id'),
    externalId,
    isDefault: entry.optionalFlag('default'),
    originCode: entry.optionalText('origin_code'),
    services: services?.map(({ raw }) => raw),
  };
}

/** Whether a source is a number of WhatsApp Business, whose templates are moderated. */
export function isWaba({ services }: Source): boolean {
  return services.some(({ params }) => (params as JsonObject | undefined)?.waba === true);
}

export function sourceBody(source: Source, url: string, requestId?: string): JsonObject {
  return {
    id: source.id,
    name: source.name,
    pipeline_id: source.pipelineId,
    external_id: source.externalId,
    default: source.isDefault,
    origin_code: source.originCode,
    services: source.services,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    _links: { self: { href: `${url}/api/v4/sources/${source.id}` } },
  };
}
