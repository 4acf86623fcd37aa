import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { AMOJO_ANSWERS, EDNA_ANSWERS } from '../../test/fuzzing/answers.ts';
import { mutated } from '../../test/fuzzing/mutations.ts';

/** One answer in so many is only nearly what it should be. */
const ODD_IN = 40;
/** As many different ones as do not take long to make. */
const ODD_ANSWERS = 1_000;

export interface Upstream {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Both platforms in one: takes whatever it is sent at once and remembers nothing, so that what grows is the bridge;
 * now and then it answers something odd, as if it had taken it.
 */
export async function startUpstream(seed: number): Promise<Upstream> {
  const arbitrary = mutated([...AMOJO_ANSWERS, ...EDNA_ANSWERS]);
  const odd = fc.sample(arbitrary, { seed, numRuns: ODD_ANSWERS });
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      asked += 1;
      const isOdd = asked % ODD_IN === 0;
      const body = isOdd
        ? odd[(asked / ODD_IN) % odd.length]
        : JSON.stringify(answerTo(request.url));
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As the documentation has it, for the one channel that the fixtures are of. */
function answerTo(path = ''): unknown {
  if (path.includes('/history')) return { messages: [], content: [], hasNext: false };
  if (path.endsWith('/chats')) return { id: randomUUID(), user: { id: randomUUID() } };
  if (path.includes('/api/cascade/get-all')) return [CASCADE];
  if (path.includes('/api/')) return { requestId: randomUUID() };
  return { new_message: { msgid: randomUUID(), conversation_id: randomUUID() } };
}

const CASCADE = {
  id: 9026,
  status: 'ACTIVE',
  stagesCount: 1,
  stages: [{ subject: { id: 71_844, subject: 'acme_wa_main', type: 'WHATSAPP', locked: false } }],
};
