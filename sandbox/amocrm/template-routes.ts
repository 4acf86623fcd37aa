import type { Answer } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { Crm } from './crm.ts';
import { entriesOf, entryOf, type Entry } from './entry.ts';
import { filterOf, isWith, pageAnswer } from './page.ts';
import { problem, refuseRest } from './problems.ts';
import type { RestApi, RestHandler } from './rest-api.ts';
import { isWaba } from './source.ts';
import { readTemplate, readVerdict, reviewBody, templateBody, type Template } from './template.ts';

const MAX_PAGE = 50;

/** `chats/templates`: the texts managers choose from, and their moderation. */
export function addTemplateRoutes(api: RestApi): void {
  const { settings, server, hooks } = api.parts;
  /** Who only wants to name the template cannot know whether that is a change. */
  const whyFixed = ({ fields, reviews }: Template, change: JsonObject): Answer | undefined => {
    const isFixed = settings.wabaEdits === 'draft' && fields.type === 'waba' && reviews.length > 0;
    if (!isFixed) return undefined;
    const excused = Object.keys(change).every((key) => key === 'external_id');
    return { ...problem(400, 'A template of WhatsApp can be changed as a draft only'), excused };
  };
  const allowed = (handle: RestHandler): RestHandler => {
    return (request, crm) =>
      settings.isAdminToken
        ? handle(request, crm)
        : problem(403, 'Templates are for administrators only');
  };
  const listOf = (
    templates: readonly { template: Template; requestId: string }[],
    { account }: Crm,
  ): Answer => ({
    status: 200,
    body: {
      _total_items: templates.length,
      _embedded: {
        chat_templates: templates.map(({ template, requestId }) =>
          templateBody(template, account.accountNumber, { requestId }),
        ),
      },
    },
  });

  api.resource('/chats/templates', 'chat-templates', {
    get: allowed((request, { templates, account }) => {
      const wanted = filterOf(request.query, 'filter[external_id]');
      const isWithReviews = isWith(request.query, 'reviews');
      const bodies = templates.all
        .filter(({ fields }) => wanted.length === 0 || wanted.includes(String(fields.external_id)))
        .map((template) => templateBody(template, account.accountNumber, { isWithReviews }));
      return pageAnswer(request, server.url, 'chat_templates', bodies, MAX_PAGE);
    }),
    post: allowed(({ body }, crm) => {
      const drafts = entriesOf(body).map((entry) => ({
        fields: {
          ...readTemplate(entry),
          name: entry.text('name'),
          content: entry.text('content'),
        },
        requestId: entry.requestId,
      }));
      if (crm.templates.all.length + drafts.length > settings.maxTemplates) {
        return problem(422, 'The limit of chat templates is exceeded');
      }
      const added = drafts.map(({ fields, requestId }) => ({
        template: crm.templates.add(fields),
        requestId,
      }));
      return listOf(added, crm);
    }),
    patch: allowed(({ body }, crm) => {
      const changes = entriesOf(body).map((entry) => ({
        template: namedBy(entry, crm),
        fields: readTemplate(entry),
        requestId: entry.requestId,
      }));
      for (const { template, fields } of changes) {
        const no = whyFixed(template, fields);
        if (no !== undefined) return no;
      }
      for (const { template, fields } of changes) crm.templates.change(template, fields);
      return listOf(changes, crm);
    }),
    delete: allowed(({ body }, crm) => {
      const found = entriesOf(body).map((entry) => namedBy(entry, crm));
      for (const template of found) crm.templates.remove(template);
      return { status: 204 };
    }),
  });

  api.resource('/chats/templates/:id', 'chat-templates', {
    get: allowed((request, crm) => {
      const isWithReviews = isWith(request.query, 'reviews');
      const template = existing(request, crm);
      const body = templateBody(template, crm.account.accountNumber, { isWithReviews });
      return { status: 200, body };
    }),
    patch: allowed((request, crm) => {
      const template = existing(request, crm);
      const fields = readTemplate(entryOf(request.body));
      const no = whyFixed(template, fields);
      if (no !== undefined) return no;
      crm.templates.change(template, fields);
      return { status: 200, body: templateBody(template, crm.account.accountNumber) };
    }),
    delete: allowed((request, crm) => {
      crm.templates.remove(existing(request, crm));
      return { status: 204 };
    }),
  });

  api.resource('/chats/templates/:id/review', 'chat-templates', {
    post: allowed((request, crm) => {
      const template = existing(request, crm);
      if (template.fields.type !== 'waba' || !crm.sources.all.some(isWaba)) {
        return problem(400, 'A template of type waba and a source with waba are needed');
      }
      const reviews = hooks.askReview(crm, template).map(reviewBody);
      return { status: 200, body: { _total_items: reviews.length, _embedded: { reviews } } };
    }),
  });

  /** The documentation has POST, the official SDK sends PATCH. */
  const decide = allowed((request, crm) => {
    const review = existing(request, crm).reviews.find(
      ({ id }) => id === Number(request.params.review),
    );
    if (review === undefined) return problem(404, `There is no review ${request.params.review}`);
    Object.assign(review, readVerdict(entryOf(request.body)));
    return { status: 200, body: reviewBody(review) };
  });
  api.resource('/chats/templates/:id/review/:review', 'chat-templates', {
    post: decide,
    patch: decide,
  });
}

function namedBy(entry: Entry, { templates }: Crm): Template {
  const template = templates.find(entry.integer('id'));
  if (template === undefined) throw entry.notAChoice('id');
  return template;
}

function existing({ params }: SeenRequest, { templates }: Crm): Template {
  const template = templates.find(Number(params.id));
  if (template === undefined) throw refuseRest(404, `There is no template ${params.id}`);
  return template;
}
