import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../json.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import type { Chat, ChatMessage } from './chat.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
let chat: Chat;
let said: ChatMessage;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  await bridge.scope('', {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid: 'pulse-in-778',
      conversation_id: 'pulse-conv-42',
      source: { external_id: 'pulse-wa-main' },
      sender: { id: 'pulse-user-9', name: 'Анна К.', profile: { phone: '79995550142' } },
      message: { type: 'text', text: 'Есть в наличии?', post: POST },
    },
  });
  chat = sandbox.chat('pulse-conv-42');
  const [first] = chat.messages;
  if (first === undefined) throw new Error('the client wrote');
  said = first;
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const POST = { id: 'p-1', url: 'https://example.net/p/1' };
const LIST = {
  header: 'Доставка',
  body: 'Когда привезти?',
  footer: 'Acme',
  button: 'Выбрать',
  sections: [
    { title: 'Сегодня', rows: [{ callback_data: '02', title: 'Вечер', description: '18–21' }] },
  ],
};

/** What a manager does, and the documented body of the hook about it. */
const KINDS: Record<string, () => Promise<unknown>> = {
  'v2-text': () => sandbox.manager.writes(chat, 'Здравствуйте'),
  'v2-file': () => sandbox.manager.writes(chat, { type: 'file' }),
  'v2-video': () => sandbox.manager.writes(chat, { type: 'video' }),
  'v2-voice': () => sandbox.manager.writes(chat, { type: 'voice' }),
  'v2-audio': () => sandbox.manager.writes(chat, { type: 'audio' }),
  'v2-sticker': () => sandbox.manager.writes(chat, { type: 'sticker' }),
  'v2-picture-of-group': () => sandbox.manager.writesGroup(chat, [{ type: 'picture' }]),
  'v2-markup': () => sandbox.manager.offers(chat, 'Удобно?', [[{ text: 'Да' }, { text: 'Нет' }]]),
  'v2-list-message': () => sandbox.manager.offersList(chat, LIST),
  'v2-reply': () => sandbox.manager.replies(said, 'Да, есть'),
  'v2-forward': () => sandbox.manager.forwards(chat, said),
  'v2-comment-answer': () => sandbox.manager.answersComment(said, 'Спасибо!'),
  'v2-template': () => {
    const content = 'Заказ {{lead.id}} готов';
    sandbox.amojo.crm().templates.add({ name: 'Заказ', content, external_id: 'order' });
    return sandbox.manager.writesTemplate(chat, 'order', { '{{lead.id}}': '880124' });
  },
  'v2-write-first': () =>
    sandbox.manager.writesFirst('79995550188', 'Добрый день!', {
      name: 'Иван',
      sourceId: 'pulse-wa-main',
    }),
  'typing-sample': () => sandbox.manager.types(chat),
  'typing-table': () => sandbox.manager.types(chat, 'table'),
  'reaction-sample': () => sandbox.manager.reacts(said, '👍'),
  'reaction-table': () => sandbox.manager.reacts(said, null, 'table'),
  'v1-text': () => sandbox.manager.writes(chat, 'Здравствуйте', { form: 'v1' }),
  'v1-file': () => sandbox.manager.writes(chat, { type: 'file' }, { form: 'v1' }),
  flat: () => sandbox.manager.writes(chat, 'Здравствуйте', { form: 'flat' }),
};

/** Keys the documentation has, or leaves out, where real hooks differ from hook to hook. */
const OPTIONAL = ['name', 'client_id', 'receiver', 'subdomain', 'thumbnail'];

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (!isObject(value)) return value === null ? 'null' : typeof value;
  const entries = Object.entries(value)
    .filter(([key, part]) => !OPTIONAL.includes(key) || (key === 'receiver' && isLong(part)))
    .map(([key, part]) => [key, shapeOf(part)] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => one.localeCompare(other)));
}

/** The receiver of the whole hook, which carries a phone; a quoted message's one may be missing. */
function isLong(receiver: unknown): boolean {
  return isObject(receiver) && 'phone' in receiver;
}

function documented(name: string): unknown {
  const file = join(process.cwd(), 'test', 'fixtures', 'amocrm', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe('a hook has the documented shape', () => {
  it.each(Object.keys(KINDS))('%s', async (name) => {
    await KINDS[name]?.();
    expect(shapeOf(bridge.posted.at(-1)?.body)).toEqual(shapeOf(documented(name)));
  });
});
