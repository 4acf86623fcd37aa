import { anInbound, arrivals } from '../../../test/builders.js';
import { openMemoryJournal, type MemoryJournal } from '../../../test/memory-journal.js';

const HOUR_MS = 3_600_000;

describe('when a client wrote last', () => {
  let memory: MemoryJournal;
  beforeEach(async () => {
    memory = await openMemoryJournal();
  });
  afterEach(() => memory.journal.close());

  /** A message that edna dates so many hours from now. */
  async function wrote(id: string, hours: number, channel?: string): Promise<void> {
    const sentAt = new Date(memory.alarm.date().getTime() + hours * HOUR_MS);
    await memory.journal.accept(arrivals(anInbound(id, { channel, message: { sentAt } })));
  }
  /** Hours from now. */
  async function kept(channel = '71844'): Promise<number | undefined> {
    const row = await memory.database.db
      .selectFrom('conversation')
      .select('last_inbound_ms')
      .where('channel', '=', channel)
      .executeTakeFirst();
    const ms = row?.last_inbound_ms ?? undefined;
    return ms && (ms - memory.alarm.date().getTime()) / HOUR_MS;
  }
  const pass = (hours: number) => memory.alarm.pass(hours * HOUR_MS);

  it.each([
    ['a clock that is ahead', 20],
    ['a clock that is behind', -20],
    ['a date of years ago', -50_000],
  ])('is when we took the message, whatever edna dates it: %s', async (_, hours) => {
    await wrote('1', hours);
    expect(await kept()).toBe(0);
    await pass(25);
    expect(await kept()).toBe(-25);
  });

  it('moves with every message, and with no repeat of one', async () => {
    await wrote('1', 0);
    await pass(3);
    await wrote('2', -4);
    expect(await kept()).toBe(0);
    await pass(3);
    await wrote('2', -7);
    await wrote('1', -6);
    expect(await kept()).toBe(-3);
  });

  it('is another thing on another channel', async () => {
    await wrote('1', 0);
    await pass(3);
    await wrote('2', 0, '90210');
    expect([await kept(), await kept('90210')]).toEqual([-3, 0]);
  });
});
