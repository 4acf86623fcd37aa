import { openChannel, openMethod } from './keys.ts';
import { refuse } from './refusals.ts';
import { templateBody } from './template.ts';
import { readNewTemplate, readTemplateFilter } from './template-requests.ts';
import type { Workings } from './workings.ts';

export function addTemplateRoutes({ server, settings, templates }: Workings): void {
  server.route('post', '/api/message-matchers/get-by-request', 'templates', (request) => {
    const key = openMethod(request, 'templates', settings);
    const { channel, types } = readTemplateFilter(request.body, settings.channels);
    openChannel(key, channel, request);
    const listed = templates.all.filter(
      ({ subjectIds, type }) => subjectIds.includes(channel.subjectId) && types.includes(type),
    );
    return { status: 200, body: listed.map(templateBody) };
  });

  server.route('post', '/api/message-matchers', 'new-template', (request) => {
    const key = openMethod(request, 'templates', settings);
    const { channels, template } = readNewTemplate(request.body, settings.channels);
    for (const channel of channels) openChannel(key, channel, request);
    // Names are unique; what a second one is answered is not established.
    if (templates.all.some(({ name }) => name === template.name)) {
      throw refuse('message-matcher-name-is-not-unique', `there is a template ${template.name}`);
    }
    const added = templates.add(template);
    const isTold = settings.newTemplateAnswer === 'template';
    return { status: 200, ...(isTold ? { body: templateBody(added) } : {}) };
  });
}
