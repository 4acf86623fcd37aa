import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { aLine, anInbound, anOutbound, LINE } from '../../test/builders.js';
import { Dispatching } from '../../test/dispatching.ts';
import { FakeCrmAccess } from '../../test/fakes/crm-access.js';
import { CrmAccess } from '../domain/crm-access.js';
import { DeliveryError } from '../domain/errors.js';
import { Journal } from '../domain/journal.js';
import { Lines } from '../domain/line.js';
import { AdminToken, OperatorAccess } from './admin.guard.js';
import { Dispatcher } from './dispatcher/dispatcher.js';
import { Gates } from './dispatcher/gates.js';
import { ErrorFilter } from './error.filter.js';
import { HealthController } from './health.controller.js';
import { Meter } from './meter.js';
import { WebhookSettings } from './webhooks/webhook-settings.js';

const TOKEN = 'spec-admin-token';

describe('how the bridge is', () => {
  let all: Dispatching;
  let nest: INestApplication;
  let access: FakeCrmAccess;

  /** Nest starts the dispatcher, and ends it. */
  async function serve(token = new AdminToken(TOKEN, false), signature: 'on' | 'off' = 'on') {
    const module = await Test.createTestingModule({
      controllers: [HealthController],
      providers: [
        OperatorAccess,
        { provide: Journal, useValue: all.journal },
        { provide: CrmAccess, useValue: access },
        { provide: Lines, useValue: all.lines },
        { provide: Dispatcher, useValue: all.dispatcher },
        { provide: Gates, useValue: all.gates },
        { provide: Meter, useValue: all.meter },
        { provide: AdminToken, useValue: token },
        { provide: WebhookSettings, useValue: new WebhookSettings(signature) },
      ],
    }).compile();
    nest = module.createNestApplication({ logger: false });
    nest.useGlobalFilters(new ErrorFilter());
    await nest.init();
    await all.alarm.rest();
  }
  beforeEach(async () => {
    all = await Dispatching.open();
    access = new FakeCrmAccess();
  });
  afterEach(async () => {
    await nest.close();
    await all.end();
  });

  const get = (path: string, authorization = '') => {
    const server = nest.getHttpServer() as Parameters<typeof request>[0];
    return request(server).get(path).set('Authorization', authorization);
  };

  describe('/health', () => {
    it('says that the process is up, whatever else is wrong', async () => {
      await serve();
      all.journal.failNext('check', 9);
      await all.dispatcher.beforeApplicationShutdown();
      const { body } = await get('/health').expect(200);
      expect(body).toEqual({ status: 'ok' });
    });
  });

  describe('/health/ready', () => {
    it('says how lines and upstreams are, what waits and what failed', async () => {
      await serve();
      access.view = { state: 'auth-failed', why: 'give it again' };
      all.messenger.failNext(new DeliveryError('blocked', 'spec'), 'before', 99);
      all.crm.refuses = () => new DeliveryError('rejected', 'spec', { httpStatus: 400 });
      await all.accept(anInbound('1'), anOutbound('a'));
      await all.alarm.pass(20_000);
      const { body } = await get('/health/ready').expect(200);
      expect(body).toMatchObject({
        status: 'ok',
        lines: [
          {
            line: LINE,
            amocrmConnected: true,
            oauth: { state: 'auth-failed', why: 'give it again' },
            upstreams: [
              { upstream: 'amocrm', state: 'open' },
              { upstream: 'edna', state: 'shut', why: 'blocked' },
            ],
          },
        ],
        oldestWaitingSeconds: { inbound: 0, outbound: 20 },
        quarantined: 0,
        warnings: [expect.stringContaining('EDNA_WEBHOOK_TOKEN')],
      });
      expect((body as { failedInbound: number }).failedInbound).toBeGreaterThan(0);
    });

    it('warns of a signature that is switched off', async () => {
      await serve(undefined, 'off');
      const { text } = await get('/health/ready');
      expect(text).toContain('AMOCRM_WEBHOOK_SIGNATURE is off');
    });

    it('is 200 while an upstream is down: hooks are accepted and wait', async () => {
      await serve();
      all.gates.of(aLine(), 'crm').failed('x', new DeliveryError('blocked', 'spec'));
      await get('/health/ready').expect(200);
    });

    it('is 503 while the journal cannot commit, and 200 when it can again', async () => {
      await serve();
      all.journal.failNext('check');
      const { body } = await get('/health/ready').expect(503);
      expect(body).toEqual({ status: 'journal-unavailable' });
      await get('/health/ready').expect(200);
    });

    it('is 503 once the process is stopping, and no try is under way any more', async () => {
      await serve();
      all.crm.door.shut();
      await all.accept(anInbound('1'));
      const stopped = all.dispatcher.beforeApplicationShutdown();
      await get('/health/ready').expect(200);
      all.crm.door.open();
      await stopped;
      const { body } = await get('/health/ready').expect(503);
      expect(body).toEqual({ status: 'stopping' });
    });

    it('tells details to operators alone once a token is chosen', async () => {
      await serve(new AdminToken(TOKEN, true));
      for (const authorization of ['', 'Bearer wrong', TOKEN, `Basic ${TOKEN}`, 'Bearer ']) {
        const { body } = await get('/health/ready', authorization).expect(200);
        expect(body).toEqual({ status: 'ok' });
      }
      const { body } = await get('/health/ready', `Bearer ${TOKEN}`).expect(200);
      expect(body).toHaveProperty('lines');
    });

    it('is 503 without a token too', async () => {
      await serve(new AdminToken(TOKEN, true));
      all.journal.failNext('check');
      await get('/health/ready').expect(503);
    });
  });

  describe('/metrics', () => {
    it('are in the text format of Prometheus, with what waits as it is now', async () => {
      await serve();
      all.messenger.failNext(new DeliveryError('blocked', 'spec'), 'before', 99);
      await all.accept(anInbound('1'), anOutbound('a'));
      await all.alarm.pass(20_000);
      const { text, headers } = await get('/metrics').expect(200);
      expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      for (const line of [
        'bridge_attempts_total{lane="inbound",outcome="taken"} 1',
        'bridge_attempts_total{lane="outbound",outcome="blocked"} 1',
        'bridge_handed_over_total{direction="inbound"} 1',
        'bridge_oldest_waiting_seconds{direction="outbound"} 20',
        'bridge_oldest_waiting_seconds{direction="inbound"} 0',
        'bridge_failed_inbound 0',
        'bridge_quarantined 0',
        `bridge_gate_open{line="${LINE}",upstream="amocrm"} 1`,
        `bridge_gate_open{line="${LINE}",upstream="edna"} 0`,
      ]) {
        expect(text.split('\n')).toContain(line);
      }
      expect(text).not.toMatch(/79995550142|Vera/);
    });

    it('forget a line that is gone', async () => {
      await serve();
      await all.accept(anInbound('1'));
      expect((await get('/metrics')).text).toContain(`bridge_gate_open{line="${LINE}"`);
      all.lines.replace([]);
      expect((await get('/metrics')).text).not.toContain(`bridge_gate_open{line="${LINE}"`);
    });

    it('are for operators alone once a token is chosen', async () => {
      await serve(new AdminToken(TOKEN, true));
      await get('/metrics').expect(401);
      await get('/metrics', 'Bearer wrong').expect(401);
      await get('/metrics', `bearer ${TOKEN}`).expect(200);
    });

    it('are refused in JSON, like everything else', async () => {
      await serve(new AdminToken(TOKEN, true));
      const { body, headers } = await get('/metrics').expect(401);
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(body).toMatchObject({ code: 'wrong-token' });
    });
  });
});
