import type { Answer } from '../answer.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { Crm } from './crm.ts';
import { entriesOf, entryOf, type Entry } from './entry.ts';
import { filterOf } from './page.ts';
import { problem, refuseRest } from './problems.ts';
import type { RestApi, RestHandler } from './rest-api.ts';
import { readSourceEntry, sourceBody, type Source, type SourceDraft } from './source.ts';

/** Sources a request may add at once. */
const MAX_ADDED = 50;

interface Change {
  readonly source: Source;
  readonly draft: SourceDraft;
  readonly requestId: string;
}

/** `sources`: the numbers of the channel. */
export function addSourceRoutes(api: RestApi): void {
  const { settings, server } = api.parts;
  /** Sources need a widget with `lead_sources`, which an external integration does not have. */
  const allowed = (handle: RestHandler): RestHandler => {
    return (request, crm) =>
      settings.integrationKind === 'external'
        ? problem(403, 'External integrations have no sources')
        : handle(request, crm);
  };
  const listOf = (sources: readonly { source: Source; requestId?: string }[]): Answer => ({
    status: 200,
    body: {
      _total_items: sources.length,
      _embedded: {
        sources: sources.map(({ source, requestId }) => sourceBody(source, server.url, requestId)),
      },
    },
  });

  api.resource('/sources', 'sources', {
    get: allowed(({ query }, { sources }) => {
      const wanted = filterOf(query, 'filter[external_id]');
      const found = sources.all.filter(
        ({ externalId }) => wanted.length === 0 || wanted.includes(externalId ?? ''),
      );
      return found.length === 0 ? { status: 204 } : listOf(found.map((source) => ({ source })));
    }),
    post: allowed(({ body }, crm) => {
      const entries = entriesOf(body, MAX_ADDED);
      const drafts = entries.map((entry) => readNew(entry, crm, settings.sourceNeedsPipeline));
      const ids = drafts.flatMap(({ draft }) => draft.externalId ?? []);
      if (new Set(ids).size < ids.length) throw refuseRest(400, 'external_id is not unique');
      if (crm.sources.all.length + drafts.length > settings.maxSources) {
        return problem(400, `There can be at most ${settings.maxSources} sources`);
      }
      return listOf(
        drafts.map(({ draft, requestId }) => ({ source: crm.sources.add(draft), requestId })),
      );
    }),
    patch: allowed(({ body }, crm) => {
      const changes = entriesOf(body, MAX_ADDED).map((entry) => {
        const source = crm.sources.find(entry.integer('id'));
        if (source === undefined) throw entry.notAChoice('id');
        return readChange(entry, source);
      });
      for (const { source, draft } of changes) crm.sources.change(source, draft);
      return listOf(changes);
    }),
    delete: allowed(({ body }, crm) => {
      const found = entriesOf(body, MAX_ADDED).map((entry) => {
        const source = crm.sources.find(entry.integer('id'));
        if (source === undefined) throw entry.notAChoice('id');
        return source;
      });
      for (const source of found) crm.sources.remove(source);
      return { status: 204 };
    }),
  });

  api.resource('/sources/:id', 'sources', {
    get: allowed(({ params }, crm) => {
      const source = crm.sources.find(Number(params.id));
      if (source === undefined) return { status: 204 };
      return { status: 200, body: sourceBody(source, server.url) };
    }),
    patch: allowed((request, crm) => {
      const source = existing(request, crm);
      crm.sources.change(source, readChange(entryOf(request.body), source).draft);
      return { status: 200, body: sourceBody(source, server.url) };
    }),
    delete: allowed((request, crm) => {
      crm.sources.remove(existing(request, crm));
      return { status: 204 };
    }),
  });
}

function readNew(entry: Entry, { sources }: Crm, needsPipeline: boolean) {
  entry.text('name');
  if (needsPipeline) entry.integer('pipeline_id');
  const draft = readSourceEntry(entry);
  if (draft.externalId !== undefined && sources.byExternalId(draft.externalId) !== undefined) {
    throw entry.no('external_id', 'NotUnique', 'This value is not unique.');
  }
  return { draft, requestId: entry.requestId };
}

/** `external_id` is there for ever. */
function readChange(entry: Entry, source: Source): Change {
  const draft = readSourceEntry(entry);
  if (draft.externalId !== undefined && draft.externalId !== source.externalId) {
    throw entry.no('external_id', 'NotEditable', 'This value can not be changed.');
  }
  return { source, draft, requestId: entry.requestId };
}

function existing({ params }: SeenRequest, { sources }: Crm): Source {
  const source = sources.find(Number(params.id));
  if (source === undefined) throw refuseRest(404, `There is no source ${params.id}`);
  return source;
}
