import type { ChatMessage } from '../amojo/chat.ts';
import type { FetchedFile } from '../fetched-file.ts';
import type { Sandbox } from '../sandbox.ts';

/** The client of the demonstration; the number is invented. */
export const ANNA = '79995550142';

const QUESTION = 'Здравствуйте! Есть в наличии термос на литр?';
const ANSWER = 'Здравствуйте, Анна! Есть, вот такой.';

/** One thing that must come about; it counts only once a twin has received it. */
interface Step {
  readonly who: string;
  /** What was expected, for the case that it never comes. */
  readonly expected: string;
  readonly act?: () => Promise<unknown>;
  /** What a twin has received, in words; empty until then. */
  readonly received: () => string;
}

/**
 * Plays a conversation both ways and tells each step from what the twins received.
 * @returns what was not seen within `patienceMs`, or undefined where all was
 */
export async function play(
  sandbox: Sandbox,
  tell: (line: string) => void,
  patienceMs = 10_000,
): Promise<string | undefined> {
  for (const [index, { who, expected, act, received }] of stepsOf(sandbox).entries()) {
    const number = String(index + 1).padStart(3);
    const startedAt = performance.now();
    let seenAt = startedAt;
    const seen = sandbox.until(() => {
      const words = received();
      seenAt = performance.now();
      return words;
    }, patienceMs);
    try {
      const [words] = await Promise.all([seen, act?.()]);
      const took = `${Math.round(seenAt - startedAt)} мс`;
      tell(`${number}  ✓  ${who.padEnd(17)}  ${words.padEnd(66)}  ${took.padStart(7)}`);
    } catch {
      tell(`${number}  ✗  ${who.padEnd(17)}  не дождались: ${expected}`);
      return expected;
    }
  }
  return undefined;
}

function stepsOf(sandbox: Sandbox): Step[] {
  const anna = sandbox.client(ANNA, { userName: 'Анна' });
  const inChat = (isIt: (row: ChatMessage) => boolean): ChatMessage | undefined =>
    sandbox.chats.flatMap((chat) => chat.messages).find(isIt);
  const answer = (): ChatMessage | undefined => inChat(({ text }) => text === ANSWER);
  const onPhone = (isIt: (type: string) => boolean) =>
    anna.sees.find(({ content }) => isIt(content.type));
  const isMarked = (code: number): boolean =>
    answer()?.reports.some(({ statusCode }) => statusCode === code) ?? false;
  const report = async (status: 'DELIVERED' | 'READ'): Promise<void> => {
    const [message] = anna.sees;
    if (message !== undefined) await sandbox.edna.report(message, status);
  };

  return [
    {
      who: 'мост → amoCRM',
      expected: 'мост подключает канал к аккаунту',
      received: () => (sandbox.amojo.isConnected ? 'канал подключён к аккаунту' : ''),
    },
    {
      who: 'клиент → CRM',
      expected: 'сообщение клиента в чате amoCRM',
      act: () => anna.writes(QUESTION),
      received: () => {
        const row = inChat(({ direction }) => direction === 'incoming');
        return row === undefined ? '' : `в чате от «${row.sender.name}»: ${row.text}`;
      },
    },
    {
      who: 'CRM → клиент',
      expected: 'ответ менеджера на телефоне клиента',
      act: () => sandbox.manager.writes(ANNA, ANSWER),
      received: () => {
        const shown = onPhone((type) => type === 'TEXT');
        return shown === undefined ? '' : `на телефоне: ${shown.content.text}`;
      },
    },
    {
      who: 'отметка ✓',
      expected: 'статус SENT у сообщения менеджера',
      received: () => {
        const sent = anna.sees[0]?.statuses.some(({ status }) => status === 'SENT') ?? false;
        return sent ? 'отправлено: edna передала ответ в WhatsApp' : '';
      },
    },
    {
      who: 'отметка ✓✓',
      expected: 'отметка «доставлено» в amoCRM',
      act: () => report('DELIVERED'),
      received: () => (isMarked(1) ? 'доставлено: amoCRM получила отметку 1' : ''),
    },
    {
      who: 'отметка ✓✓ синяя',
      expected: 'отметка «прочитано» в amoCRM',
      act: () => report('READ'),
      received: () => (isMarked(2) ? 'прочитано: amoCRM получила отметку 2' : ''),
    },
    {
      who: 'фото → CRM',
      expected: 'картинка клиента в чате amoCRM',
      // edna's times are whole seconds: in the one that has begun, amoCRM would show it above the answer.
      act: () =>
        nextSecond().then(() => anna.writes({ type: 'IMAGE', caption: 'Как на этом фото?' })),
      received: () => {
        const row = inChat(({ type, direction }) => type === 'picture' && direction === 'incoming');
        return row?.file === undefined
          ? ''
          : `в чате: ${fileWords(row.file)}, подпись: ${row.text || 'нет'}`;
      },
    },
    {
      who: 'фото → клиент',
      expected: 'картинка менеджера на телефоне клиента',
      act: () => sandbox.manager.writes(ANNA, { type: 'picture', fileName: 'thermos.png' }),
      received: () => {
        const shown = onPhone((type) => type === 'IMAGE');
        return shown?.file === undefined
          ? ''
          : `на телефоне: ${fileWords(shown.file)}, имя: ${shown.content.attachment?.name}`;
      },
    },
  ];
}

function nextSecond(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1000 - (Date.now() % 1000));
  });
}

function fileWords({ contentType, sizeBytes }: FetchedFile): string {
  return `картинка ${contentType ?? 'без типа'}, ${sizeBytes} байт`;
}
