import type { ExecutionContext } from '@nestjs/common';
import { aLine, SCOPE } from '../../../test/builders.js';
import { lineKey } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import { EdnaWebhookGuard, type OpenedRequest } from './edna-webhook.guard.js';

const MANY = 200;

/** The lines that a token opens, once the post has passed. */
function opened(by: string, lines: Lines) {
  const request = {
    method: 'POST',
    headers: by === '' ? {} : { authorization: `Token ${by}` },
    params: {},
    query: {},
  } as unknown as OpenedRequest;
  const context = { switchToHttp: () => ({ getRequest: () => request }) };
  new EdnaWebhookGuard(lines).canActivate(context as unknown as ExecutionContext);
  return request.opened;
}

describe('the doors of two hundred lines', () => {
  const lines = Array.from({ length: MANY }, (_, i) =>
    aLine({ webhookTokens: [`token-${i % 50}`, `before-${i % 50}`] }),
  );

  const open = (token: string) => opened(token, new Lines(lines));

  it('open by either token, each for its own', () => {
    expect(open('token-7')).toEqual(lines.filter((_, i) => i % 50 === 7));
    expect(open('before-7')).toEqual(open('token-7'));
    expect(() => open('token-50')).toThrow('The token does not fit');
  });
});

describe('the door of a line that was removed', () => {
  const line = (source: string, webhookTokens: readonly string[]): Line => {
    return { ...aLine({ webhookTokens }), key: lineKey(SCOPE, source) };
  };
  const one = line('one', ['one']);
  const two = line('two', ['two']);
  const open = line('open', []);

  function after(before: readonly Line[], now: readonly Line[]): Lines {
    const lines = new Lines(before);
    lines.replace(now);
    return lines;
  }

  it('opens by its own token, and others do not', () => {
    const lines = after([one, two], [one]);
    expect(opened('two', lines)).toEqual([two]);
    expect(opened('one', lines)).toEqual([one]);
    expect(() => opened('', lines)).toThrow('The token does not fit');
    expect(() => opened('three', lines)).toThrow('The token does not fit');
  });

  it('asks for its token where the others ask for none', () => {
    const lines = after([one], [open]);
    expect(opened('', lines)).toEqual([open]);
    expect(opened('one', lines)).toEqual([open, one]);
  });

  it('is not open to everybody where the others ask for one', () => {
    expect(() => opened('', after([open], [one]))).toThrow('The token does not fit');
  });
});
