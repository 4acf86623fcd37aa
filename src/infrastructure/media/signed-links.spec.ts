import { inboundSourceId, lineKey, markOf, scopeId } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import { Settings } from '../../domain/settings.js';
import { aLine, CHANNEL_ID } from '../../../test/builders.js';
import { SignedMediaLinks } from './signed-links.js';

const line = aLine();
const since = new Date('2026-02-03T09:20:41Z');
const sourceId = inboundSourceId('71844', '1');
const file = { messageId: 4711, sourceId, direction: 'inbound', since } as const;
const publicUrl = 'https://bridge.example.test';

function links(of: { lines?: Line[]; now?: string; settings?: Partial<Settings> } = {}) {
  const clock = { now: () => new Date(of.now ?? '2026-02-04T00:00:00Z') };
  const settings = new Settings({ publicUrl, ...of.settings });
  return new SignedMediaLinks(new Lines(of.lines ?? [line]), settings, clock);
}
const tokenOf = (url: string | undefined) => new URL(url ?? '').pathname.split('/')[2] ?? '';

describe('a link to a file', () => {
  it('is the same however often it is made, ends in the name, and leads to its message', () => {
    const url = links().to(file, 'Договор 5.pdf', line);
    expect(url).toBe(links({ now: '2026-02-09T00:00:00Z' }).to(file, 'Договор 5.pdf', line));
    expect(url).toMatch(/^https:\/\/bridge\.example\.test\/media\/[\w-]+\/[%\w]+\.pdf$/);
    expect(links().read(tokenOf(url))).toEqual({
      messageId: 4711,
      mark: markOf(sourceId),
      direction: 'inbound',
      line,
    });
  });

  it('is not made where there is no PUBLIC_URL, and none is taken there', () => {
    const token = tokenOf(links().to(file, 'a.pdf', line));
    const off = links({ settings: { publicUrl: undefined } });
    expect(off.to(file, 'a.pdf', line)).toBeUndefined();
    expect(off.read(token)).toBe('forged');
  });

  it('to a client’s file works for MEDIA_DAYS, to a manager’s for a week', () => {
    const ends = (token: string, now: string) => links({ now }).read(token) === 'expired';
    const inbound = tokenOf(links({ settings: { mediaDays: 2 } }).to(file, 'a.pdf', line));
    expect(ends(inbound, '2026-02-05T09:20:40Z')).toBe(false);
    expect(ends(inbound, '2026-02-05T09:20:41Z')).toBe(true);
    const outbound = tokenOf(links().to({ ...file, direction: 'outbound' }, 'a.pdf', line));
    expect(ends(outbound, '2026-02-10T09:20:40Z')).toBe(false);
    expect(ends(outbound, '2026-02-10T09:20:41Z')).toBe(true);
  });

  it('that somebody has changed or made up is forged', () => {
    const token = tokenOf(links().to(file, 'a.pdf', line));
    const [claim = '', mark = '', expires = '', ...signature] = token.split('-');
    const mac = signature.join('-');
    const other = mac.startsWith('A') ? 'B' : 'A';
    for (const forged of [
      '',
      'x',
      '../../etc/passwd',
      `i1-${mark}-${expires}-${mac}`,
      `o${claim.slice(1)}-${mark}-${expires}-${mac}`,
      `${claim}-00000000-${expires}-${mac}`,
      `${claim}-${mark}-zzzzzz-${mac}`,
      `${claim}-${mark}-${expires}-${other}${mac.slice(1)}`,
      `${claim}-${mark}-${expires}-${mac.slice(1)}`,
      `${token}A`,
    ]) {
      expect(links().read(forged)).toBe('forged');
    }
  });

  it('belongs to its line, whatever lines there are', () => {
    const scope = scopeId(CHANNEL_ID, 'e0000000-63af-4d5e-8f07-91ab34cd56ef');
    const second: Line = { ...line, key: lineKey(scope), scopeId: scope };
    const token = tokenOf(links().to(file, 'a.pdf', second));
    expect(links({ lines: [line, second] }).read(token)).toMatchObject({ line: second });
    expect(links({ lines: [line] }).read(token)).toBe('forged');
    const rotated = aLine({}, { channelSecret: 'another-secret' });
    expect(links({ lines: [rotated] }).read(tokenOf(links().to(file, 'a', line)))).toBe('forged');
  });
});
