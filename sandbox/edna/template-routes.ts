import { openChannel, openMethod } from './keys.ts';
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
    // What the answer holds is not known; the template with its id is what a caller could use.
    return { status: 200, body: templateBody(templates.add(template)) };
  });
}
