import type { ExecutionContext } from '@nestjs/common';
import { aLine } from '../../../test/builders.js';
import { Lines } from '../../domain/line.js';
import { EdnaWebhookGuard, type OpenedRequest } from './edna-webhook.guard.js';

const MANY = 200;

describe('the doors of two hundred lines', () => {
  const lines = Array.from({ length: MANY }, (_, i) =>
    aLine({ webhookTokens: [`token-${i % 50}`, `before-${i % 50}`] }),
  );

  const open = (token: string) => {
    const request = {
      method: 'POST',
      headers: { authorization: `Token ${token}` },
      params: {},
      query: {},
    } as unknown as OpenedRequest;
    const context = { switchToHttp: () => ({ getRequest: () => request }) };
    new EdnaWebhookGuard(new Lines(lines)).canActivate(context as unknown as ExecutionContext);
    return request.opened;
  };

  it('open by either token, each for its own', () => {
    expect(open('token-7')).toEqual(lines.filter((_, i) => i % 50 === 7));
    expect(open('before-7')).toEqual(open('token-7'));
    expect(() => open('token-50')).toThrow('The token does not fit');
  });
});
