import { aLine } from '../../../test/builders.js';
import { Clock } from '../clock.js';
import type { EdnaApi } from './edna.api.js';
import { EdnaCatalogue, MOST_KEPT } from './edna.catalogue.js';

describe('what edna tells of an account', () => {
  it('is kept for no more channels than a company has, whatever channels are named to us', async () => {
    let asked = 0;
    const api = {
      post: () => {
        asked += 1;
        return Promise.resolve({ status: 200, body: '[]' });
      },
    } as unknown as EdnaApi;
    const catalogue = new EdnaCatalogue(api, new Clock());
    const line = aLine();
    const ask = (channel: number) => catalogue.templates(line, `${channel}`, 60_000, 0);
    for (let channel = 0; channel <= MOST_KEPT; channel++) await ask(channel);
    expect(asked).toBe(MOST_KEPT + 1);
    await ask(MOST_KEPT);
    expect(asked).toBe(MOST_KEPT + 1);
    await ask(0);
    expect(asked).toBe(MOST_KEPT + 2);
  });
});
