import { ConfigError, type Config } from './config.js';

/** Where the bridge listens on this machine; undefined where none does. */
export async function runningAt({ host, port }: Config): Promise<string | undefined> {
  const own = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const base = `http://${own.includes(':') ? `[${own}]` : own}:${port}`;
  try {
    await fetch(`${base}/health`);
    return base;
  } catch {
    return undefined;
  }
}

export const tell = (progress: string): void => void process.stderr.write(`${progress}\n`);

/**
 * Has the running bridge do what takes long, and shows its news on stderr.
 * @throws {ConfigError} where it says that the words are wrong; {Error} with its words
 */
export async function askRunning<Result>(
  base: string,
  { adminToken }: Config,
  { path, body }: { readonly path: string; readonly body: object },
): Promise<Result> {
  const answer = await fetch(base + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${adminToken}`,
      'content-type': 'application/json',
      accept: 'application/x-ndjson',
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok || !answer.body) {
    const { message } = (await answer.json()) as { message?: string };
    const words = message ?? `the bridge answered ${answer.status}`;
    throw answer.status === 400 ? new ConfigError([words]) : new Error(words);
  }
  for await (const line of linesOf(answer.body)) {
    const news = JSON.parse(line) as { progress?: string; result?: Result; error?: string };
    if (news.error !== undefined) throw new Error(news.error);
    if (news.result) return news.result;
    tell(news.progress ?? '');
  }
  throw new Error('The bridge ended before it was done. Ask again.');
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
