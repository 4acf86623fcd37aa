import { Bridge } from './bridge.js';

const VERA = '79995550142';

/** What edna says no with, and what the manager reads under his message. */
const REFUSALS: readonly (readonly [
  says: string,
  answer: { status?: number; body: object | string },
  code: number,
  error: string,
])[] = [
  [
    'the number is wrong',
    { body: { title: 'error-address-format', status: 400, detail: 'PHONE address is not valid' } },
    904,
    'Телефон записан неверно. Исправьте в карточке: +7 и 10 цифр.',
  ],
  [
    'the client has no such messenger',
    { body: { title: 'not-whatsapp-user', status: 400, detail: '' } },
    904,
    'На этом номере нет WhatsApp. Позвоните или выберите другой канал.',
  ],
  [
    'the window is closed',
    { body: { title: 'matched-template-not-found', status: 400, detail: '' } },
    905,
    'Прошло 24 часа с последнего сообщения клиента. Отправьте шаблон.',
  ],
  [
    'a template does not fit',
    { body: { code: 'error-content-do-not-match-hsm-template' } },
    905,
    'Текст не совпал с одобренным шаблоном. Меняйте только поля.',
  ],
  [
    'the client has blocked us',
    { body: { title: 'user-blocked', status: 400, detail: '' } },
    905,
    'Клиент недоступен: он заблокировал нас, или его номер заблокирован.',
  ],
  [
    'a code nobody knows',
    { body: { title: 'text-is-too-wonderful', status: 400, detail: '' } },
    905,
    'edna не приняла сообщение. (text-is-too-wonderful)',
  ],
  ['nothing more', { body: '' }, 905, 'edna не приняла сообщение. (HTTP 400)'],
  [
    'no under a 200',
    { status: 200, body: { code: 'error-content-format' } },
    905,
    'edna не приняла сообщение. (error-content-format)',
  ],
];

describe("a manager's message that edna refuses", () => {
  let bridge: Bridge;
  beforeEach(async () => {
    bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    await bridge.sandbox.client(VERA).writes('Здравствуйте');
    await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
  });
  afterEach(() => bridge.stop());

  it.each(REFUSALS)(
    'because %s shows that at once, and the next one goes',
    async (_, { status = 400, body }, code, error) => {
      const { sandbox } = bridge;
      const refusal = { kind: 'answer', status, body, endpoint: 'schedule', text: 'no' } as const;
      sandbox.edna.faults.add(refusal);
      const refused = await sandbox.manager.writes(VERA, 'no');
      const next = await sandbox.manager.writes(VERA, 'next');

      await sandbox.until(() => next.tick.state === 'read' && refused.tick.state === 'error');
      expect(refused.tick).toEqual({ state: 'error', code, error });
      expect(refused.reports).toHaveLength(1);
      expect(sandbox.requests('schedule')).toHaveLength(2);
      expect(sandbox.client(VERA).sees).toMatchObject([{ content: { text: 'next' } }]);
      expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, missing: 0 });
    },
  );
});
