import type { Request, Response } from 'express';

/** A line of JSON for each bit of news, and one for the result: whoever asks for this sees that it goes on. */
export const LINES_TYPE = 'application/x-ndjson';

/**
 * Answers with what the work results in; with news of it while it goes on, where that is asked for.
 * @param wordsOf what a caller is told of an error once the answer has begun
 * @throws what the work throws before there is news of it
 */
export async function tellAsItGoes(
  request: Request,
  response: Response,
  work: (tell: (progress: string) => void) => Promise<object>,
  wordsOf: (error: unknown) => string,
): Promise<void> {
  if (!request.headers.accept?.includes(LINES_TYPE)) {
    response.json(await work(() => {}));
    return;
  }
  const write = (news: object) => {
    if (!response.headersSent) response.type(LINES_TYPE);
    response.write(`${JSON.stringify(news)}\n`);
  };
  try {
    write({ result: await work((progress) => write({ progress })) });
  } catch (error) {
    if (!response.headersSent) throw error;
    write({ error: wordsOf(error) });
  }
  response.end();
}
