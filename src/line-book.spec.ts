import { ACCOUNT_ID, aLine } from '../test/builders.js';
import { ConfigError } from './config-error.js';
import { LineBook } from './line-book.js';
import type { LineSettings } from './line-settings.js';

const { edna, amo } = aLine();
const one: LineSettings = { edna, amo, crm: {} };
const two: LineSettings = { ...one, amo: { ...amo, sourceExternalId: 'two' } };
const lookUp = () => Promise.resolve(ACCOUNT_ID);

describe('the book of lines', () => {
  let file: readonly LineSettings[] | ConfigError;
  const reread = () => {
    if (file instanceof ConfigError) throw file;
    return file;
  };
  const open = (lines: readonly LineSettings[]) => LineBook.open({ lines, reread }, lookUp);

  it('reads the file anew, all at once, and says which lines are not what they were', async () => {
    const book = await open([one, two]);
    const [first] = book.lines.all;
    const changed = { ...two, edna: { ...edna, apiKey: 'another' } };
    const three = { ...one, amo: { ...amo, sourceExternalId: 'three' } };
    file = [one, changed, three];
    const renewed = (await book.reload()) ?? [];
    expect(renewed.map((line) => line.amo.sourceExternalId)).toEqual(['two', 'three']);
    expect(book.lines.all).toHaveLength(3);
    expect(book.lines.all[0]).toEqual(first);
    expect(book.lines.all[1]?.edna.apiKey).toBe('another');
  });

  it('says where the account of a line is, and not what opens it', async () => {
    const crm = { baseUrl: 'https://acme.amocrm.ru', token: 'eyJ' };
    const { lines } = await open([{ ...one, crm }, two]);
    expect(lines.all.map((line) => line.crm)).toEqual([{ baseUrl: crm.baseUrl }, undefined]);
  });

  it('leaves the lines that are what they were as they are: whoever holds one holds the same', async () => {
    const book = await open([one, two]);
    const [first, second] = book.lines.all;
    file = [{ ...one }, { ...two, edna: { ...edna, apiKey: 'another' } }];
    await book.reload();
    expect(book.lines.all[0]).toBe(first);
    expect(book.lines.all[1]).not.toBe(second);
  });

  it('asks each account once, however many lines it has', async () => {
    const asked: (string | undefined)[] = [];
    const looked = (sourceExternalId: string, baseUrl: string): LineSettings => ({
      ...one,
      amo: { ...amo, accountId: undefined, sourceExternalId },
      crm: { baseUrl, token: 'token' },
    });
    const lines = ['a', 'b', 'c'].map((source) => looked(source, 'http://127.0.0.1:1'));
    await LineBook.open({ lines: [...lines, looked('d', 'http://127.0.0.1:2')] }, (account) => {
      asked.push(account.baseUrl);
      return Promise.resolve(ACCOUNT_ID);
    });
    expect(asked).toEqual(['http://127.0.0.1:1', 'http://127.0.0.1:2']);
  });

  it('says which line has an account that cannot be looked up', async () => {
    const looked = { ...two, name: 'Москва', amo: { ...two.amo, accountId: undefined } };
    file = [one, looked];
    const book = await LineBook.open({ lines: [one], reread }, () =>
      Promise.reject(new Error('away')),
    );
    await expect(book.reload()).rejects.toThrow('LINES_FILE lines[1] (Москва): away');
  });

  it('takes no two lines for one account, in whatever case its ids are written', async () => {
    const upper = { ...one, amo: { ...amo, accountId: ACCOUNT_ID.toUpperCase() } };
    await expect(open([one, upper])).rejects.toThrow(/two lines for the channel and source/);
  });

  it('has the same line, in whatever case its ids are written', async () => {
    const book = await open([one]);
    const { channelId } = amo;
    file = [
      {
        ...one,
        amo: {
          ...amo,
          channelId: channelId.toUpperCase(),
          accountId: ACCOUNT_ID.toUpperCase(),
        },
      },
    ];
    expect(await book.reload()).toEqual([]);
    expect(book.lines.all).toMatchObject([{ key: `${channelId}_${ACCOUNT_ID}` }]);
  });

  it('notices that a channel has a new successor', async () => {
    const book = await open([one]);
    file = [{ ...one, edna: { ...edna, replaces: new Map([['2', ['1']]]) } }];
    expect(await book.reload()).toHaveLength(1);
  });

  it('knows the long-lived token of a line, as the settings have it now', async () => {
    const book = await open([one, { ...two, crm: { token: 'eyJ' } }]);
    const [first, second] = book.lines.all;
    expect(book.tokenOf(first!.key)).toBeUndefined();
    expect(book.tokenOf(second!.key)).toBe('eyJ');
    expect(JSON.stringify(book.lines.all)).not.toContain('eyJ');
    file = [{ ...one, crm: { token: 'eyJ-2' } }, two];
    await book.reload();
    expect(book.tokenOf(first!.key)).toBe('eyJ-2');
    expect(book.tokenOf(second!.key)).toBeUndefined();
  });

  it('keeps what it has while the file is not whole', async () => {
    const book = await open([one]);
    file = new ConfigError(['LINES_FILE line 1, column 1: is no YAML']);
    await expect(book.reload()).rejects.toThrow(ConfigError);
    expect(book.lines.all).toHaveLength(1);
  });

  it('keeps what it has while an account cannot be looked up', async () => {
    const answers = [lookUp()];
    const book = await LineBook.open(
      { lines: [one], reread },
      () => answers.pop() ?? Promise.reject(new Error('away')),
    );
    file = [one, { ...two, amo: { ...two.amo, accountId: undefined } }];
    await book.reload();
    expect(book.lines.all).toHaveLength(2);
    await expect(book.reload()).rejects.toThrow('away');
    expect(book.lines.all).toHaveLength(2);
  });

  it('takes no two lines for one account, though only a look-up shows that they are', async () => {
    const looked = { ...one, amo: { ...amo, accountId: undefined } };
    await expect(open([one, looked])).rejects.toThrow(/two lines for the channel and source/);
  });

  it('takes no name that is the key of another line, though only a look-up shows that it is', async () => {
    const { key } = aLine();
    const looked = { ...one, amo: { ...amo, accountId: undefined } };
    await expect(open([{ ...two, name: key }, looked])).rejects.toThrow(
      'LINES_FILE lines[0].name is the key of another line',
    );
    await expect(open([{ ...one, name: key }, two])).resolves.toBeDefined();
  });

  it('has nothing to read where the lines stand in the environment', async () => {
    const book = await LineBook.open({ lines: [one] }, lookUp);
    expect(await book.reload()).toBeUndefined();
  });
});
