import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { aLine, aPost } from '../../../test/builders.ts';
import { startWebhooks, type WebhookApp } from '../../../test/fixtures/webhook-app.ts';
import { Lines } from '../../domain/line.js';
import { toEvent as fromAmocrm } from './amocrm-webhook.mapper.js';
import { toEvents as fromEdna } from './edna-webhook.mapper.js';
import { toAccount } from './amocrm-account.mapper.js';
import { ACCOUNT_EXAMPLES, AMOCRM_EXAMPLES, EDNA_EXAMPLES } from './examples.js';

const AT = new Date('2026-11-20T12:00:00Z');
const LINES = new Lines([aLine()]);

describe('examples at /docs', () => {
  it.each(Object.entries(EDNA_EXAMPLES))('of edna are recognised: %s', (_, { value }) => {
    for (const body of [value].flat()) {
      expect(fromEdna(body, aPost(AT))[0]?.type).toMatch(/^(inbound|receipt)$/);
    }
  });

  it.each(Object.entries(AMOCRM_EXAMPLES))('of amoCRM are recognised: %s', (name, { value }) => {
    const event = fromAmocrm(value, { lines: LINES, signers: LINES.all, at: AT });
    expect(event.type).toBe(name === 'typing' ? 'ignored' : 'outbound');
  });

  it.each(Object.entries(ACCOUNT_EXAMPLES))('of the account are recognised: %s', (_, { value }) => {
    expect(toAccount(Buffer.from(JSON.stringify(value))).kind).toBe('templates');
  });
});

describe('the document', () => {
  let app: WebhookApp;
  beforeEach(async () => {
    app = await startWebhooks([aLine()]);
  });
  afterEach(() => app.nest.close());

  it('shows each webhook with its forms and its examples', () => {
    const { paths, components } = SwaggerModule.createDocument(
      app.nest,
      new DocumentBuilder().addBearerAuth().build(),
    );
    const examples = (path: string) =>
      paths[path]?.post?.requestBody && 'content' in paths[path].post.requestBody
        ? Object.keys(paths[path].post.requestBody.content['application/json']?.examples ?? {})
        : [];
    for (const path of ['/webhooks/edna', '/webhooks/edna/{token}']) {
      expect(examples(path)).toEqual(Object.keys(EDNA_EXAMPLES));
    }
    for (const path of ['/webhooks/amocrm', '/webhooks/amocrm/{scopeId}']) {
      expect(examples(path)).toEqual(Object.keys(AMOCRM_EXAMPLES));
    }
    expect(examples('/webhooks/amocrm-account/{token}')).toEqual(Object.keys(ACCOUNT_EXAMPLES));
    expect(paths['/webhooks/edna']).not.toHaveProperty('get');
    expect(components?.schemas).toMatchObject({
      EdnaIncoming: { required: ['id', 'subscriber'] },
      AmocrmHook: { required: ['message'] },
    });
  });
});
