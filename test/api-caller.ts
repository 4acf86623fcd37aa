import type { Sandbox } from '../sandbox/sandbox.ts';
import { Bridge, environmentOf, type BridgeOptions } from './bridge.js';

export const ADMIN = 'spec-admin-token';
export const VERA = '79995550142';
export const IVAN = '79995550188';

/** What the API answered. */
export interface Said {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly replayed: boolean;
}

interface Asked {
  readonly key?: string;
  readonly token?: string;
  /** Instead of a body in JSON. */
  readonly raw?: string;
}

/** Another program: it calls the API of a bridge between the twins. */
export class ApiCaller {
  constructor(
    private readonly url: () => string,
    readonly sandbox: Sandbox,
  ) {}

  async ask(method: string, path: string, body?: unknown, asked: Asked = {}): Promise<Said> {
    const { key, token = ADMIN } = asked;
    const raw = asked.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await this.sandbox.post(`${this.url()}/api/v1${path}`, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
        'Content-Type': 'application/json',
      },
      ...(raw !== undefined && { body: raw }),
    });
    if (answer.status === undefined) throw new Error(answer.error);
    return {
      status: answer.status,
      body: JSON.parse(answer.body.toString()) as Record<string, unknown>,
      replayed: answer.headers?.['idempotency-replayed'] === 'true',
    };
  }

  post(path: string, body: unknown, key?: string): Promise<Said> {
    return this.ask('POST', path, body, key === undefined ? {} : { key });
  }

  get(path: string): Promise<Said> {
    return this.ask('GET', path);
  }

  /** What became of a message, once it is as it is said to be. */
  async told(id: string, is: (body: Record<string, unknown>) => boolean) {
    for (;;) {
      const { body } = await this.get(`/messages/${encodeURIComponent(id)}`);
      if (is(body)) return body;
    }
  }

  /** What became of a message, once it no longer waits. */
  settled(id: string): Promise<Record<string, unknown>> {
    return this.told(id, ({ state }) => state !== 'waiting');
  }

  asClient(words: string, more: object = {}): object {
    return {
      conversation: { address: VERA, channel: '71844' },
      from: { kind: 'client', name: 'Вера' },
      content: { type: 'text', text: words },
      ...more,
    };
  }

  asManager(words: string, more: object = {}): object {
    const [oleg] = this.sandbox.amojo.settings.managers;
    const from = { kind: 'manager', refId: oleg?.id, name: 'Олег' };
    return this.asClient(words, { from, ...more });
  }

  asBot(words: string, more: object = {}): object {
    const { id } = this.sandbox.amojo.settings.bot;
    return this.asClient(words, { from: { kind: 'bot', refId: id, name: 'Бот' }, ...more });
  }

  get messages() {
    return this.sandbox.chats.flatMap((chat) => chat.messages);
  }

  get texts(): string[] {
    return this.messages.map(({ text }) => text);
  }

  /** The message with these words, once it stands in a chat. */
  reached(words: string) {
    return this.sandbox.until(() => this.messages.find(({ text }) => text === words));
  }
}

/** The real app between the twins, and a program that calls it. */
export async function startCalled(
  options: BridgeOptions = {},
): Promise<{ bridge: Bridge; api: ApiCaller; sandbox: Sandbox }> {
  const bridge = await Bridge.start({
    ...options,
    environment: (sandbox) => ({ ADMIN_TOKEN: ADMIN, ...environmentOf(options, sandbox) }),
    sandbox: { ...options.sandbox, amojo: { connected: true, ...options.sandbox?.amojo } },
  });
  const { sandbox } = bridge;
  return { bridge, api: new ApiCaller(() => bridge.url, sandbox), sandbox };
}
