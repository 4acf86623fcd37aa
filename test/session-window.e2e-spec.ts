import { Bridge, type BridgeOptions } from './bridge.js';

const PHONE = '79995550142';
const CLOSED = {
  state: 'error',
  code: 905,
  error: 'Прошло 24 часа с последнего сообщения клиента. Отправьте шаблон.',
};
const HELLO = {
  type: 'text',
  text: 'Здравствуйте, Вера! Это Acme, ответьте нам, пожалуйста.',
  template: { id: 6121, external_id: '31010', content: '', params: [] },
} as const;

let bridge: Bridge;

/** A client who wrote so many hours ago, and the chat with him. */
async function wrote(hoursAgo: number, options: BridgeOptions = {}) {
  bridge = await Bridge.start(options);
  const { sandbox } = bridge;
  await sandbox.client(PHONE).writes('Здравствуйте');
  await sandbox.until(() => sandbox.chats.length === 1);
  await bridge.pause();
  await bridge.change(
    `update conversation set last_inbound_ms = last_inbound_ms - ${hoursAgo * 3_600_000}`,
    1,
  );
  await bridge.begin();
  const [chat] = sandbox.chats;
  if (!chat) throw new Error('no chat');
  return { sandbox, chat };
}

afterEach(() => bridge.stop());

describe('the 24-hour window', () => {
  it('closes: the manager is told at once, and edna is not asked', async () => {
    const { sandbox, chat } = await wrote(25);
    const late = await sandbox.manager.writes(chat, 'Ещё актуально?');
    const file = await sandbox.manager.writes(chat, { type: 'picture' });
    await sandbox.until(() => [late, file].every(({ tick }) => tick.state === 'error'));
    expect([late.tick, file.tick]).toEqual([CLOSED, CLOSED]);
    expect(sandbox.requests('schedule')).toEqual([]);
  });

  it('lets a template through, and opens with the client’s next message', async () => {
    const { sandbox, chat } = await wrote(25, { sandbox: { edna: { sessionWindow: 'sync400' } } });
    const template = await sandbox.manager.writes(chat, HELLO);
    await sandbox.until(() => template.tick.state === 'read');
    await sandbox.client(PHONE).writes('Да');
    await sandbox.until(() => sandbox.ledger().seenByManagers === 2);
    const free = await sandbox.manager.writes(chat, 'Отлично');
    await sandbox.until(() => free.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject({ violations: 0, missing: 0, doubled: 0 });
  });

  it.each([
    ['is open for a day', 23, {}],
    ['is as long as SESSION_WINDOW_HOURS says', 25, { SESSION_WINDOW_HOURS: '48' }],
    ['is never closed where SESSION_WINDOW_HOURS is 0', 999, { SESSION_WINDOW_HOURS: '0' }],
  ])('%s', async (_, hoursAgo, environment) => {
    const { sandbox, chat } = await wrote(hoursAgo, { environment });
    const free = await sandbox.manager.writes(chat, 'Ещё актуально?');
    await sandbox.until(() => free.tick.state === 'read');
  });

  it.each(['sync400', 'async'] as const)(
    'is edna’s to judge where no client message is known (%s)',
    async (sessionWindow) => {
      bridge = await Bridge.start({
        sandbox: { amojo: { connected: true }, edna: { sessionWindow } },
      });
      const { sandbox } = bridge;
      const hello = await sandbox.manager.writesFirst(PHONE, 'Добрый день!');
      await sandbox.until(() => hello.tick.state === 'error');
      expect(hello.tick).toEqual(CLOSED);
      expect(sandbox.requests('schedule')).toHaveLength(1);
    },
  );
});
