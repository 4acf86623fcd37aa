import type { Answer } from '../answer.ts';
import { linkState } from './signed-link.ts';
import type { Workings } from './workings.ts';

/** What clients sent: a link opens for seven days, whole or in part, and with its signature only. */
export function addFileRoutes({ server, clock, shelf }: Workings): void {
  server.route('get', '/files/:folder/:name', 'files', ({ path, query, headers }) => {
    const state = linkState(path, query, clock.now());
    if (state === 'expired') return { status: 403, body: '', excused: true };
    if (state === 'bad') return { status: 403, body: '', reason: `${path} is not signed` };
    return inPart(shelf.answer(path), headers.range);
  });
}

/** @param range as `bytes=0-99`, `bytes=100-` or `bytes=-100`; anything else is not looked at */
function inPart(answer: Answer, range: string | undefined): Answer {
  const { body, headers } = answer;
  if (!Buffer.isBuffer(body)) return answer;
  const whole = { ...headers, 'Accept-Ranges': 'bytes', 'Content-Length': String(body.length) };
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return { ...answer, headers: whole };
  const start = from === '' ? Math.max(0, body.length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? body.length - 1 : Math.min(Number(to), body.length - 1);
  if (start > end) {
    return {
      status: 416,
      body: '',
      headers: { 'Content-Range': `bytes */${body.length}` },
      excused: true,
    };
  }
  const part = body.subarray(start, end + 1);
  return {
    status: 206,
    body: part,
    headers: {
      ...whole,
      'Content-Range': `bytes ${start}-${end}/${body.length}`,
      'Content-Length': String(part.length),
    },
  };
}
