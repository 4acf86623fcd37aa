import { OptionsError, readOptions } from './options.js';

const read = (words: string) => readOptions(words.split(' '), 'main.js');

describe('the options of the torture', () => {
  it('break everything that the store has, unless some of it is named', () => {
    expect(read('--store sqlite')).toMatchObject({
      kinds: ['kill', 'upstream', 'disk', 'clock', 'crowd'],
      replicas: 1,
    });
    expect(read('--store postgres --replicas 3')).toMatchObject({
      kinds: ['kill', 'database', 'upstream', 'disk', 'clock', 'crowd'],
      replicas: 3,
    });
    expect(read('--only kill,clock --seed 7')).toMatchObject({ kinds: ['kill', 'clock'], seed: 7 });
  });

  it.each(['--replicas 2', '--only database', '--only night', '--seconds 0', '--store mysql'])(
    'are refused: %s',
    (words) => {
      expect(() => read(words)).toThrow(OptionsError);
    },
  );
});
