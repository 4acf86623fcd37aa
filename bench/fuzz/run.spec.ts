import { isLeft } from './run.ts';

const NOW = 1_800_000_000_000;

describe('a message that waits when the bridge has ended', () => {
  it.each([
    ['in a lane that was due long ago', { due_at: NOW - 60_000, held_by: null }],
    ['in a lane that was due long ago, as PostgreSQL says it', { due_at: `${NOW - 60_000}` }],
    ['in a lane that is due never, and that nothing holds', { due_at: null, held_by: null }],
  ])('is left %s', (_, lane) => {
    expect(isLeft(lane, NOW)).toBe(true);
  });

  it.each([
    ['in a lane that was being worked', { due_at: NOW - 1_600, held_by: null }],
    ['in a lane that will be due in a minute', { due_at: `${NOW + 60_000}`, held_by: null }],
    ['behind what a receipt will let go on', { due_at: null, held_by: 7 }],
  ])('waits its turn %s', (_, lane) => {
    expect(isLeft(lane, NOW)).toBe(false);
  });
});
