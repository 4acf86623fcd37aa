import { Logger } from '@nestjs/common';
import { Settings } from '../../domain/settings.js';
import type { EdnaSide } from '../../domain/line.js';
import { aLine, SCOPE } from '../../../test/builders.js';
import { lineKey } from '../../domain/ids.js';
import { aConversation } from '../../../test/outgoing.js';
import { Upstream, type Reply } from '../../../test/upstream.js';
import { Clock } from '../clock.js';
import { Http, HttpLimits } from '../http.js';
import { EdnaApi } from './edna.api.js';
import { EdnaCatalogue } from './edna.catalogue.js';
import { EdnaRoutes } from './edna.route.js';

const CASCADES = '/api/cascade/get-all';
const CHANNELS = '/api/channel-profile';
const HOUR = 3_600_000;

/** As edna documents a cascade. */
function aCascade(id: number, subjectId: number, given: object = {}, subject: object = {}) {
  return {
    id,
    name: 'acme',
    status: 'ACTIVE',
    stagesCount: 1,
    stages: [
      {
        order: 0,
        subject: {
          id: subjectId,
          subject: `acme_${subjectId}`,
          type: 'WHATSAPP',
          locked: false,
          ...subject,
        },
        stages: [],
      },
    ],
    ...given,
  };
}

const PROFILES = [
  { id: 501, subjectId: 71844, subject: 'acme_wa_main', type: 'WHATSAPP', active: true },
  { id: 504, subjectId: 71850, subject: 'acme_max_bot', type: 'MAX_BOT', active: true },
  { id: 505, subjectId: 71851, subject: 'acme_max', type: 'MAX', active: true },
  { id: 506, subject: 'acme_wa_new', type: 'WHATSAPP', active: false },
];

class SetClock extends Clock {
  at = Date.parse('2026-03-03T09:15:00Z');
  override now(): Date {
    return new Date(this.at);
  }
}

describe('the way of a message at edna', () => {
  let upstream: Upstream;
  let clock: SetClock;
  let routes: EdnaRoutes;
  let logged: string[];

  beforeEach(async () => {
    upstream = (await Upstream.start()).on(CHANNELS, { body: PROFILES });
    clock = new SetClock();
    routes = routesWithin(5_000);
    logged = [];
    Logger.overrideLogger({
      log: (line: string) => logged.push(line),
      warn: () => undefined,
      error: () => undefined,
    });
  });
  function routesWithin(timeoutMs: number): EdnaRoutes {
    const http = new Http(new Settings(), clock, new HttpLimits({ timeoutMs }));
    return new EdnaRoutes(new EdnaCatalogue(new EdnaApi(http), clock));
  }

  afterEach(() => {
    Logger.overrideLogger(undefined as never);
    return upstream.stop();
  });

  const find = (channel: string, edna: Partial<EdnaSide> = {}, fresh = false) =>
    routes.find(aConversation({ channel }), aLine({ baseUrl: upstream.url, ...edna }), fresh);
  const list = (...cascades: object[]) => upstream.on(CASCADES, { body: cascades });
  const asked = (path: string) => upstream.got.filter((got) => got.path.startsWith(path)).length;

  it('is the one-stage cascade of the channel', async () => {
    list(aCascade(9025, 71845, {}, { type: 'SMS' }), aCascade(9026, 71844));
    expect(await find('71844')).toEqual({
      dialect: 'cascade',
      dropsRepeats: true,
      cascadeId: '9026',
      channelType: 'WHATSAPP',
      subjectId: '71844',
      subject: 'acme_71844',
    });
    expect(upstream.last).toMatchObject({ method: 'POST', json: {} });
    expect(upstream.last.headers['x-api-key']).toBe('spec-api-key');
  });

  it.each([
    ['is off', { status: 'DISABLED' }, {}],
    ['has two stages', { stagesCount: 2 }, {}],
    ['has two stages, as text', { stagesCount: '2' }, {}],
    ['is locked', {}, { locked: true }],
    ['needs a content we do not know', {}, { type: 'VK_NOTIFY' }],
  ])('is no cascade that %s', async (_why, given, subject) => {
    list(aCascade(9020, 71844, given, subject), aCascade(9026, 71844, { stagesCount: '1' }));
    expect(await find('71844')).toMatchObject({ cascadeId: '9026' });
  });

  it('is EDNA_CASCADE_ID among several of the channel', async () => {
    list(aCascade(9026, 71844), aCascade(9027, 71844));
    expect(await find('71844', { cascadeId: '9027' })).toMatchObject({ cascadeId: '9027' });
  });

  it.each([
    ['71850', 'max-bot', 'acme_max_bot'],
    ['71851', 'max', 'acme_max'],
  ])('is v1 for channel %s: %s', async (channel, dialect, subject) => {
    list(aCascade(9026, 71844), aCascade(9030, Number(channel), {}, { type: 'MAX' }));
    expect(await find(channel)).toMatchObject({ dialect, subject, dropsRepeats: false });
  });

  it('is v1 for MAX even where there is no cascade at all', async () => {
    list();
    expect(await find('71850')).toMatchObject({ dialect: 'max-bot' });
  });

  it('asks for channels only where a cascade is missing', async () => {
    list(aCascade(9026, 71844));
    await find('71844');
    expect(asked(CHANNELS)).toBe(0);
  });

  describe('where no channel is known', () => {
    it.each(['', 'whatsapp'])('is EDNA_CASCADE_ID (channel "%s")', async (channel) => {
      list(aCascade(9026, 71844), aCascade(9027, 71845, {}, { type: 'SMS' }));
      expect(await find(channel, { cascadeId: '9027', subjectId: '71844' })).toMatchObject({
        cascadeId: '9027',
        channelType: 'SMS',
        subjectId: '71845',
      });
    });

    it('is the cascade of EDNA_SUBJECT_ID', async () => {
      list(aCascade(9026, 71844), aCascade(9027, 71845));
      expect(await find('', { subjectId: '71845' })).toMatchObject({ cascadeId: '9027' });
    });

    it('is the only usable cascade, or the only one for the messenger', async () => {
      list(aCascade(9026, 71844), aCascade(9040, 71844, { status: 'DISABLED' }));
      expect(await find('')).toMatchObject({ cascadeId: '9026', subjectId: '71844' });
      list(aCascade(9026, 71844), aCascade(9027, 71845, {}, { type: 'VIBER' }));
      expect(await find('viber', {}, true)).toMatchObject({ cascadeId: '9027' });
      expect(await find('', {}, true)).toMatchObject({ cascadeId: '9026' });
    });

    it('is that of a channel the line names, never one of another line’s', async () => {
      list(aCascade(9026, 71844), aCascade(9027, 71845));
      expect(await find('', { channels: ['acme_71845'] })).toMatchObject({ cascadeId: '9027' });
      list(aCascade(9026, 71844));
      await expect(find('', { channels: ['acme_71845'] }, true)).rejects.toMatchObject({
        outcome: 'blocked',
      });
      expect(await find('', { channels: ['WhatsApp'] })).toMatchObject({ cascadeId: '9026' });
    });

    it('is blocked where several would do', async () => {
      list(aCascade(9026, 71844), aCascade(9027, 71845));
      await expect(find('')).rejects.toMatchObject({
        outcome: 'blocked',
        details: { reason: { key: 'edna-refused', args: { code: 'several-cascades' } } },
      });
    });
  });

  describe('where there is no list', () => {
    it.each([
      ['404', { status: 404, body: '<html>' }],
      ['405', { status: 405 }],
      ['an empty list', { body: [] }],
      ['something that is no list', { body: { id: 'x' } }],
    ] as [string, Reply][])('%s: simple', async (_what, reply) => {
      upstream.on(CASCADES, reply);
      expect(await find('whatsapp')).toEqual({
        dialect: 'simple',
        dropsRepeats: false,
        channelType: 'WHATSAPP',
      });
      expect(await find('viber')).toMatchObject({ dialect: 'simple', channelType: 'VIBER' });
      expect(await find('71844')).toMatchObject({ dialect: 'simple', channelType: 'WHATSAPP' });
    });

    it.each([
      ['none usable', { body: [aCascade(9026, 71844, { status: 'DISABLED' })] }, 'no-cascade'],
      ['401', { status: 401 }, 'HTTP 401'],
      ['403', { status: 403, body: { title: 'error-unauthorized' } }, 'error-unauthorized'],
      ['400', { status: 400 }, 'HTTP 400'],
      ['302', { status: 302 }, 'HTTP 302'],
      ['200 with a refusal', { body: { code: 'error-unauthorized' } }, 'error-unauthorized'],
    ] as [string, Reply, string][])('%s: blocked', async (_what, reply, code) => {
      upstream.on(CASCADES, reply);
      await expect(find('71844')).rejects.toMatchObject({
        outcome: 'blocked',
        details: { reason: { key: 'edna-refused', args: { code } } },
      });
    });

    it.each([
      ['403', { status: 403 }],
      ['404', { status: 404 }],
      ['none usable', { body: [aCascade(9040, 71844, { status: 'DISABLED' })] }],
    ] as [string, Reply][])('%s: EDNA_CASCADE_ID where it is set', async (_what, reply) => {
      upstream.on(CASCADES, reply);
      expect(await find('71844', { cascadeId: '9026', imType: 'viber' })).toMatchObject({
        dialect: 'cascade',
        cascadeId: '9026',
        channelType: 'VIBER',
      });
    });

    it('is no EDNA_CASCADE_ID that sends through another channel', async () => {
      list(aCascade(9026, 71844));
      await expect(find('71845', { cascadeId: '9026' })).rejects.toMatchObject({
        outcome: 'blocked',
      });
    });

    it.each([
      ['500', { status: 500 }],
      ['503', { status: 503, headers: { 'Retry-After': '5' } }],
      ['429', { status: 429 }],
      ['a reset', 'reset'],
      ['an HTML page', { body: '<html>' }],
    ] as [string, Reply][])('%s: not sent', async (_what, reply) => {
      upstream.on(CASCADES, reply);
      await expect(find('71844')).rejects.toMatchObject({ outcome: 'not-sent' });
    });

    it('a timeout: not sent', async () => {
      upstream.on(CASCADES, 'hang');
      routes = routesWithin(30);
      await expect(find('71844')).rejects.toMatchObject({ outcome: 'not-sent' });
    });

    it('passes on how long to wait', async () => {
      upstream.on(CASCADES, { status: 429, headers: { 'Retry-After': '5' } });
      await expect(find('71844')).rejects.toMatchObject({ details: { retryAfterMs: 5_000 } });
    });
  });

  describe('what EDNA_SEND_PATH says', () => {
    it('is simple, and nothing is asked', async () => {
      expect(await find('71844', { sendPath: '/api/messages/send' })).toMatchObject({
        dialect: 'simple',
      });
      expect(upstream.got).toHaveLength(0);
    });

    it('is a cascade, found as ever, and never simple', async () => {
      const sendPath = '/api/cascade/schedule';
      list(aCascade(9026, 71844));
      expect(await find('71844', { sendPath })).toMatchObject({ cascadeId: '9026' });
      upstream.on(CASCADES, { status: 404 });
      await expect(find('71844', { sendPath }, true)).rejects.toMatchObject({ outcome: 'blocked' });
    });

    it("is legacy, with the conversation's name of the channel", async () => {
      const line = aLine({ baseUrl: upstream.url, sendPath: '/api/old/imOutMessage' });
      const conversation = aConversation({ subject: 'acme_wa_main' });
      expect(await routes.find(conversation, line)).toMatchObject({
        dialect: 'legacy',
        dropsRepeats: true,
        subject: 'acme_wa_main',
      });
      expect(upstream.got).toHaveLength(0);
    });

    it('is a dialect that needs a name edna has to be asked for', async () => {
      const legacy = { sendPath: '/api/old/imOutMessage' };
      expect(await find('71844', legacy)).toMatchObject({ subject: 'acme_wa_main' });
      expect(await find('', legacy)).toMatchObject({ subject: 'acme_wa_main' });
      const bot = { sendPath: '/api/v1/out-messages/max-bot' };
      expect(await find('', bot)).toMatchObject({ dialect: 'max-bot', subject: 'acme_max_bot' });
      const max = { sendPath: '/api/v1/out-messages/max/' };
      expect(await find('', max)).toMatchObject({ dialect: 'max', subject: 'acme_max' });
      await expect(find('99999', legacy)).rejects.toMatchObject({ outcome: 'blocked' });
    });

    it('is blocked where it is no path we know', async () => {
      await expect(find('71844', { sendPath: '/api/elsewhere' })).rejects.toMatchObject({
        outcome: 'blocked',
      });
    });
  });

  describe('the memory of it', () => {
    it('lasts an hour', async () => {
      list(aCascade(9026, 71844));
      await find('71844');
      clock.at += HOUR - 1;
      await find('71844');
      expect(asked(CASCADES)).toBe(1);
      clock.at += 1;
      await find('71844');
      expect(asked(CASCADES)).toBe(2);
    });

    it('is set aside by a fresh question', async () => {
      list(aCascade(9026, 71844));
      await find('71844');
      list(aCascade(9027, 71844));
      expect(await find('71844')).toMatchObject({ cascadeId: '9026' });
      expect(await find('71844', {}, true)).toMatchObject({ cascadeId: '9027' });
      expect(await find('71844')).toMatchObject({ cascadeId: '9027' });
    });

    it('is asked for once by all who ask at once, even afresh', async () => {
      list(aCascade(9026, 71844));
      await Promise.all([find('71844'), find('71844', {}, true), find(''), find('71844')]);
      expect(asked(CASCADES)).toBe(1);
    });

    it('is asked for anew with another key, and once for all lines with the same', async () => {
      list(aCascade(9026, 71844), aCascade(9027, 71845));
      await find('71844');
      await routes.find(aConversation({ channel: '71845' }), {
        ...aLine({ baseUrl: upstream.url }),
        key: lineKey(SCOPE, 'another'),
      });
      expect(asked(CASCADES)).toBe(1);
      await find('71844', { apiKey: 'another-key' });
      expect(asked(CASCADES)).toBe(2);
    });

    it('keeps no failure', async () => {
      upstream.on(CASCADES, { status: 500 });
      await Promise.allSettled([find('71844'), find('71844')]);
      expect(asked(CASCADES)).toBe(1);
      list(aCascade(9026, 71844));
      expect(await find('71844')).toMatchObject({ cascadeId: '9026' });
    });

    it('looks at a closed way again after a minute', async () => {
      upstream.on(CASCADES, { status: 401 });
      await expect(find('71844')).rejects.toMatchObject({ outcome: 'blocked' });
      await expect(find('71844')).rejects.toMatchObject({ outcome: 'blocked' });
      expect(asked(CASCADES)).toBe(1);
      list(aCascade(9026, 71844));
      clock.at += 60_000;
      expect(await find('71844')).toMatchObject({ cascadeId: '9026' });
    });
  });

  it('is told once in the log, and again when it changes', async () => {
    list(aCascade(9026, 71844));
    await find('71844');
    await find('71844');
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(
      /channel 71844 → \/api\/cascade\/schedule, cascade 9026: the usable cascade of channel 71844/,
    );
    upstream.on(CASCADES, { status: 404 });
    await find('71844', {}, true);
    expect(logged).toHaveLength(2);
    expect(logged[1]).toMatch(/→ \/api\/messages\/send: no list of cascades \(HTTP 404\)/);
  });
});
