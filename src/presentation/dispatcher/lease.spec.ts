import { Logger } from '@nestjs/common';
import { openMemoryJournal, type MemoryJournal } from '../../../test/memory-journal.ts';
import { Lease } from './lease.js';

describe('a lease', () => {
  let memory: MemoryJournal;
  let lease: Lease;
  beforeEach(async () => {
    Logger.overrideLogger(false);
    memory = await openMemoryJournal();
    lease = new Lease(memory.journal, memory.alarm);
  });
  afterEach(async () => {
    lease.end();
    await memory.journal.close();
  });

  const heartbeat = async () => {
    const { db } = memory.database;
    const { heartbeat_at } = await db
      .selectFrom('worker')
      .select('heartbeat_at')
      .executeTakeFirstOrThrow();
    return heartbeat_at - Date.parse('2026-11-20T09:00:00Z');
  };

  it('covers a request that ends, and is written down, before anybody may think us dead', async () => {
    await memory.alarm.pass(3_999);
    expect(lease.covers()).toBe(true);
    await memory.alarm.pass(1);
    expect(lease.covers()).toBe(false);
  });

  it('is renewed every three seconds', async () => {
    lease.keep();
    for (let i = 0; i < 20; i += 1) {
      await memory.alarm.pass(1_000);
      expect(lease.covers()).toBe(true);
    }
    expect(await heartbeat()).toBe(18_000);
  });

  it('that cannot be renewed covers nothing, until it can', async () => {
    lease.keep();
    memory.journal.failNext('renew', 2);
    await memory.alarm.pass(8_000);
    expect(lease.covers()).toBe(false);
    await memory.alarm.pass(1_000);
    expect(lease.covers()).toBe(true);
  });

  it('counts from when its renewal was begun: nobody knows when it was written', async () => {
    lease.keep();
    memory.journal.doors.renew.shut();
    await memory.alarm.pass(3_000 + 3_500);
    memory.journal.doors.renew.open();
    await memory.alarm.rest();
    expect(lease.covers()).toBe(true);
    await memory.alarm.pass(500);
    expect(lease.covers()).toBe(false);
  });

  it('is renewed no more once it has ended', async () => {
    lease.keep();
    await memory.alarm.pass(3_000);
    lease.end();
    await memory.alarm.pass(30_000);
    expect(await heartbeat()).toBe(3_000);
  });

  it('is renewed no more once it has ended during a renewal', async () => {
    lease.keep();
    memory.journal.doors.renew.shut();
    await memory.alarm.pass(3_000);
    lease.end();
    memory.journal.doors.renew.open();
    await memory.alarm.pass(30_000);
    expect(await heartbeat()).toBe(3_000);
  });
});
