import { parseJson } from '../json.ts';
import { post } from '../post.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Called } from '../stand-in-bridge.ts';

/** Calls REST v4 where the bridge would, for the sandbox's own specs. */
export class StandInCaller {
  /** The long-lived token of the main account, until a spec sets another. */
  token: string;
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.token = sandbox.amojo.settings.restToken;
  }

  get(path: string, headers?: Record<string, string>): Promise<Called> {
    return this.call('GET', path, undefined, headers);
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Called> {
    return this.call('POST', path, body, headers);
  }

  /** @param path without `/api/v4`, unless it starts at the top with `/oauth` */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { Authorization: `Bearer ${this.token}` },
  ): Promise<Called> {
    const prefix = path.startsWith('/oauth') ? '' : '/api/v4';
    const text = body === undefined ? '' : JSON.stringify(body);
    const draft = { method, headers, body: text, timeoutMs: 2000 };
    const result = await post(`${this.#sandbox.amojo.server.url}${prefix}${path}`, draft);
    return { ...result, json: parseJson(result.body.toString('utf8')) };
  }
}
