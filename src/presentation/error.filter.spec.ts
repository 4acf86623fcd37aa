import { Controller, Get, type INestApplication, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import express from 'express';
import request from 'supertest';
import { JournalUnavailable } from '../domain/errors.js';
import { ErrorFilter } from './error.filter.js';

@Controller()
class Broken {
  @Get('fault')
  fault(): never {
    throw new TypeError('select * from secrets');
  }

  @Get('full')
  full(): never {
    throw new JournalUnavailable(new Error('disk full: /data/bridge.db'));
  }

  @Get('of/:id')
  show(): string {
    return 'ok';
  }

  @Post('webhooks/edna')
  take(): string {
    return 'ok';
  }
}

describe('ErrorFilter', () => {
  let nest: INestApplication;
  let server: Parameters<typeof request>[0];

  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [Broken] }).compile();
    nest = module.createNestApplication({ bodyParser: false, logger: false });
    nest.use('/webhooks', express.raw({ type: () => true, limit: '1mb' }));
    nest.useGlobalFilters(new ErrorFilter());
    await nest.init();
    server = nest.getHttpServer() as typeof server;
  });
  afterAll(() => nest.close());

  it('answers 500 to a fault of ours, and says nothing of it', async () => {
    const answer = await request(server).get('/fault').expect(500);
    expect(answer.body).toEqual({ code: 'internal', message: expect.any(String) });
    expect(answer.text).not.toContain('secrets');
  });

  it('answers 503 while nothing can be kept, and says nothing of the reason', async () => {
    const answer = await request(server).get('/full').expect(503);
    expect(answer.body).toEqual({ code: 'journal-unavailable', message: expect.any(String) });
    expect(answer.text).not.toContain('disk');
  });

  it('answers 404 to a route there is not, and says which there are', async () => {
    const answer = await request(server).post('/webhook/edna').expect(404);
    expect(answer.body).toEqual({
      code: 'not-found',
      message: expect.stringContaining('/webhooks/edna'),
    });
  });

  it('answers 400 to an address that cannot be read', async () => {
    const answer = await request(server).get('/of/%E0%A4%A').expect(400);
    expect(answer.body).toEqual({ code: 'bad-request', message: expect.any(String) });
  });

  it('answers with the status and a code of its own to a body that cannot be read', async () => {
    const answer = await request(server)
      .post('/webhooks/edna')
      .set('Content-Encoding', 'zip')
      .send('{}')
      .expect(415);
    expect(answer.body).toEqual({ code: 'encoding-unsupported', message: expect.any(String) });
  });

  it('answers 413 to what is too large, whatever it says of its length', async () => {
    const answer = await request(server)
      .post('/webhooks/edna')
      .send('x'.repeat(1024 * 1024 + 1))
      .expect(413);
    expect(answer.body).toEqual({ code: 'too-large', message: expect.any(String) });
  });
});
