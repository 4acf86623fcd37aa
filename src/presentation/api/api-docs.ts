import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { ChatWire, ContactLinkWire, MessageWire, StatusWire } from './api.wire.js';
import { StoryView } from './story-view.js';

type Examples = Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;

/** How a route stands at /docs: bodies to try, what it answers, and every no it may say. */
export interface About {
  readonly summary: string;
  readonly description?: string;
  readonly key?: 'required' | 'honoured';
  readonly body?: { readonly form: Type<object>; readonly examples: Examples };
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, { readonly example: unknown } | Type<object>>>;
  /** Codes of refusals, by status. */
  readonly refusals: Readonly<Record<number, string>>;
}

/** Of every route. */
const ALWAYS = { 401: 'wrong-token', 503: 'journal-unavailable' } as const;
const OF_AMOCRM = {
  502: 'amocrm-refused, amocrm-busy, amocrm-fault, amocrm-unreachable',
  504: 'amocrm-no-answer, still-running',
} as const;

export function Documented(about: About): MethodDecorator {
  const { summary, description, key, body, params = {}, query = {} } = about;
  const refusals: Readonly<Record<string, string>> = { ...ALWAYS, ...about.refusals };
  return applyDecorators(
    ApiOperation({ summary, ...(description !== undefined && { description }) }),
    ...(key
      ? [
          ApiHeader({
            name: 'Idempotency-Key',
            required: key === 'required',
            description:
              'Stands for this one call: a repeat with the same body gets the first answer again, for a day. 1 to 255 visible ASCII characters.',
            schema: { type: 'string', example: 'order-118-paid' },
          }),
        ]
      : []),
    ...(body ? [ApiBody({ type: body.form, examples: body.examples })] : []),
    ...Object.entries(params).map(([name, text]) => ApiParam({ name, description: text })),
    ...Object.entries(query).map(([name, text]) =>
      ApiQuery({ name, description: text, required: false }),
    ),
    ...Object.entries(about.answers).map(([status, answer]) =>
      typeof answer === 'function'
        ? ApiResponse({ status: Number(status), type: answer })
        : ApiResponse({
            status: Number(status),
            description: 'Done.',
            schema: { example: answer.example },
          }),
    ),
    ...Object.entries(refusals).map(([status, codes]) =>
      ApiResponse({
        status: Number(status),
        description: codes,
        schema: {
          type: 'object',
          properties: { code: { type: 'string' }, message: { type: 'string' } },
          example: { code: codes.split(', ')[0], message: 'What is wrong, and how to mend it.' },
        },
      }),
    ),
  );
}

const CHAT_ID = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';
const CONVERSATION = { address: '+7 999 555-01-42', channel: '71844' };
const KEYS_400 = 'invalid, not-json, idempotency-key-missing, idempotency-key-invalid';
const LINE = {
  line: 'acme',
  key: '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37_c2e94b10-63af-4d5e-8f07-91ab34cd56ef',
  scopeId: '5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37_c2e94b10-63af-4d5e-8f07-91ab34cd56ef',
  accountId: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef',
  state: 'connected',
  toAmocrm: 'open',
  toEdna: 'open',
};
const OF_LINE = { line: 'Name or key of the line (GET /api/v1/lines)' };
const OF_CHAT = { chatId: "amoCRM's id of the chat" };
const OF_MESSAGE = { id: 'Our id of it (api:…, edna:…, amo:…), or amoCRM’s' };
const LINE_OF_MESSAGE = { line: 'Where several lines have a message of this id' };
const NAMED_LINE = { line: 'Where the chat is in several lines, or in none that is known' };

export const DOCS = {
  message: {
    summary: 'Put a message into a chat: as the client, as a manager, as the bot',
    description:
      'Answered once it is safe in the journal; it goes to amoCRM in order with the other messages of the chat. It is never sent to the client’s messenger: who has to write to him does so in amoCRM.',
    key: 'required',
    body: {
      form: MessageWire,
      examples: {
        client: {
          summary: 'As the client',
          value: {
            conversation: CONVERSATION,
            from: { kind: 'client', name: 'Анна К.' },
            content: { type: 'text', text: 'Заказ 118 оплачен' },
          },
        },
        manager: {
          summary: 'As a manager',
          value: {
            conversation: { id: 'edna:71844:79995550142' },
            from: {
              kind: 'manager',
              refId: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8',
              name: 'Олег',
            },
            content: { type: 'text', text: 'Отвечал по телефону' },
          },
        },
        bot: {
          summary: 'As the bot, a file',
          value: {
            conversation: { chatId: CHAT_ID },
            from: { kind: 'bot', refId: '0a6e5d93-2f71-4b8c-9e34-d8c1f7b20a65', name: 'Бот' },
            receiver: { name: 'Анна К.' },
            content: {
              type: 'file',
              media: 'https://files.example.test/a.pdf',
              fileName: 'a.pdf',
              fileSize: 48_211,
              text: 'Счёт',
            },
          },
        },
      },
    },
    answers: {
      202: {
        example: {
          id: 'api:order-118-paid',
          state: 'accepted',
          line: 'acme',
          conversationId: 'edna:71844:79995550142',
        },
      },
    },
    refusals: {
      400: KEYS_400,
      404: 'line-unknown, conversation-unknown',
      409: 'idempotency-key-running, channel-unknown',
      413: 'too-large',
      422: 'idempotency-key-reused, not-storable',
    },
  },
  story: {
    summary: 'One message: its state, parts, status, and every try',
    params: OF_MESSAGE,
    query: LINE_OF_MESSAGE,
    answers: { 200: StoryView },
    refusals: { 404: 'message-unknown, line-unknown' },
  },
  status: {
    summary: 'Set the delivery status of a message of the company',
    description:
      'Of a manager’s message, or of one that was put into the chat as a manager or the bot. A status only climbs: failed, delivered, read. An error of the latter goes to amoCRM with the message itself.',
    key: 'honoured',
    body: {
      form: StatusWire,
      examples: {
        read: { summary: 'Read', value: { status: 'read' } },
        failed: {
          summary: 'Failed, in your words',
          value: { status: 'failed', errorCode: 905, error: 'Телефон выключен' },
        },
      },
    },
    params: OF_MESSAGE,
    query: LINE_OF_MESSAGE,
    answers: { 202: { example: { id: 'api:order-118-paid', status: 'failed' } } },
    refusals: {
      400: 'invalid, not-json, idempotency-key-invalid',
      404: 'message-unknown, line-unknown',
      409: 'message-of-client, message-not-sent, message-not-in-chat, message-without-id, idempotency-key-running',
      413: 'too-large',
      422: 'idempotency-key-reused',
    },
  },
  chat: {
    summary: 'Create the chat of a client, or find it',
    description:
      'It makes no contact and no lead, and stays invisible until its first message: link it to a contact that exists, and no second one is made.',
    key: 'required',
    body: {
      form: ChatWire,
      examples: { chat: { summary: 'A client', value: { ...CONVERSATION, name: 'Анна К.' } } },
    },
    answers: {
      201: {
        example: {
          chatId: CHAT_ID,
          conversationId: 'edna:71844:79995550142',
          participantId: 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04',
          line: 'acme',
        },
      },
      200: { example: { chatId: CHAT_ID, conversationId: 'edna:71844:79995550142', line: 'acme' } },
    },
    refusals: {
      400: KEYS_400,
      404: 'line-unknown',
      409: 'channel-not-connected, idempotency-key-running',
      413: 'too-large',
      422: 'amocrm-rejected, idempotency-key-reused',
      ...OF_AMOCRM,
    },
  },
  history: {
    summary: 'A chat as amoCRM has it, the newest first, page by page',
    params: OF_CHAT,
    query: {
      ...NAMED_LINE,
      limit: '1 to 50; 50 if left out',
      offset: '`next` of the page before; messages that come meanwhile move the pages',
    },
    answers: {
      200: {
        example: {
          messages: [
            {
              amoMessageId: 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53',
              id: 'api:order-118-paid',
              at: '2026-11-20T09:15:00.000Z',
              sender: { id: 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04', name: 'Анна К.' },
              type: 'text',
              text: 'Заказ 118 оплачен',
            },
          ],
          next: 50,
        },
      },
    },
    refusals: {
      400: 'invalid',
      404: 'line-unknown',
      409: 'channel-not-connected',
      422: 'amocrm-rejected',
      ...OF_AMOCRM,
    },
  },
  contact: {
    summary: 'Link a chat to a contact, and the contact to a lead, or make one',
    description: 'Through REST v4. The responsible user is never touched.',
    key: 'required',
    body: {
      form: ContactLinkWire,
      examples: {
        contact: { summary: 'A contact', value: { contactId: 7_710_233 } },
        lead: { summary: 'And a lead', value: { contactId: 7_710_233, leadId: 5_120_077 } },
        newLead: {
          summary: 'And a new lead',
          value: { contactId: 7_710_233, autoCreateLead: true, lead: { name: 'Заказ 118' } },
        },
      },
    },
    params: OF_CHAT,
    answers: {
      200: { example: { chatId: CHAT_ID, contactId: 7_710_233, leadId: 5_120_077 } },
    },
    refusals: {
      400: KEYS_400,
      404: 'chat-unknown, contact-unknown, lead-unknown, pipeline-unknown, line-unknown',
      409: 'crm-not-configured, idempotency-key-running',
      413: 'too-large',
      422: 'amocrm-rejected, idempotency-key-reused',
      ...OF_AMOCRM,
    },
  },
  lines: {
    summary: 'The lines, and whether their accounts are connected',
    answers: { 200: { example: { lines: [LINE] } } },
    refusals: {},
  },
  connect: {
    summary: 'Connect the account of a line to its channel',
    key: 'honoured',
    params: OF_LINE,
    answers: { 200: { example: LINE } },
    refusals: {
      400: 'idempotency-key-invalid',
      404: 'line-unknown',
      409: 'channel-not-connected, idempotency-key-running',
      413: 'too-large',
      422: 'amocrm-rejected, idempotency-key-reused',
      ...OF_AMOCRM,
    },
  },
  disconnect: {
    summary: 'Take the account of a line off its channel',
    description:
      'amoCRM sends no hooks any more, and what clients write waits. It stays so, through restarts and for all lines of the same channel and account, until it is connected again, here or in the widget.',
    key: 'honoured',
    params: OF_LINE,
    answers: { 200: { example: { ...LINE, state: 'disconnected', toAmocrm: 'shut' } } },
    refusals: {
      400: 'idempotency-key-invalid',
      404: 'line-unknown',
      409: 'channel-not-connected, idempotency-key-running',
      413: 'too-large',
      422: 'amocrm-rejected, idempotency-key-reused',
      ...OF_AMOCRM,
    },
  },
} as const satisfies Record<string, About>;
