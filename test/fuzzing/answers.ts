/*
 * What the platforms answer, as their pages have it (amocrm-chats.md 4 to 6, edna-pulse.md 3 and 7, and the pages of
 * REST v4 that the adapters name), with ids of our own.
 */

const UUIDS = {
  chat: '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53',
  client: 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04',
  manager: '0a3c9d11-55aa-4f0e-9b77-2c81d6e4f3b8',
  message: 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53',
} as const;

export const AMOJO_ANSWERS: readonly unknown[] = [
  {
    new_message: {
      conversation_id: UUIDS.chat,
      sender_id: UUIDS.client,
      receiver_id: UUIDS.manager,
      msgid: UUIDS.message,
      ref_id: 'edna:71844:1',
    },
  },
  { id: UUIDS.chat, user: { id: UUIDS.client, client_id: 'edna:71844:79995550142', name: 'Vera' } },
  {
    messages: [
      {
        timestamp: 1_772_529_480,
        msec_timestamp: 1_772_529_480_310,
        sender: { id: UUIDS.client, name: 'Vera', client_id: 'edna:71844:79995550142' },
        message: {
          id: UUIDS.message,
          client_id: 'edna:71844:1',
          type: 'picture',
          text: 'Is it in stock?',
          media: 'https://files.example.test/a.jpg',
          file_name: 'a.jpg',
          file_size: 48_211,
        },
      },
      {
        timestamp: 1_772_529_470,
        sender: { id: UUIDS.manager, name: 'Oleg' },
        receiver: { id: UUIDS.client, client_id: 'edna:71844:79995550142' },
        message: { id: UUIDS.chat, type: 'text', text: 'Yes, it is' },
      },
    ],
  },
  { error_code: 404, error_type: 'ORIGIN_NOT_REGISTERED' },
];

const PAGES = { page: 1, _links: {} } as const;

export const REST_ANSWERS: readonly unknown[] = [
  {
    ...PAGES,
    _embedded: {
      contacts: [
        {
          id: 41,
          updated_at: 1_770_000_041,
          custom_fields_values: [
            { field_code: 'PHONE', values: [{ value: '+7 (999) 555-01-42', enum_code: 'MOB' }] },
          ],
          _embedded: { leads: [{ id: 77 }, { id: 78 }] },
        },
      ],
    },
  },
  {
    id: 41,
    created_at: 1_770_000_041,
    _embedded: { leads: [{ id: 77, name: 'From the chat', created_at: 1_770_000_050 }] },
  },
  {
    _embedded: {
      leads: [{ id: 77, status_id: 142, name: 'From the chat', created_at: 1_770_000_050 }],
    },
  },
  { _embedded: { chats: [{ contact_id: 41, chat_id: UUIDS.chat, id: 5 }] } },
  {
    _embedded: {
      sources: [
        {
          id: 9,
          name: 'WA',
          external_id: 'wa',
          services: [{ type: 'waba', params: { waba: true } }],
        },
      ],
    },
  },
  {
    _embedded: {
      webhooks: [
        {
          destination: 'https://bridge.example.test/webhooks/amocrm-account/t',
          disabled: false,
          settings: ['add_chat_template_review'],
        },
      ],
    },
  },
  {
    _embedded: {
      chat_templates: [
        {
          id: 6955,
          external_id: '118',
          name: 'order_ready',
          content: 'Order {{lead.name}} is ready',
          is_editable: true,
          type: 'waba',
          buttons: [{ type: 'url', text: 'Open', url: 'https://example.test' }],
          attachment: null,
          waba_header: 'Order',
          waba_footer: 'Acme',
          waba_category: 'UTILITY',
          waba_language: 'ru',
          waba_examples: { '{{lead.name}}': '118' },
          _embedded: { reviews: [{ id: 15, status: 'review' }] },
        },
      ],
    },
  },
  { id: 12, amojo_id: UUIDS.manager },
  { access_token: 'a', refresh_token: 'r', expires_in: 86_400, token_type: 'Bearer' },
  {
    'validation-errors': [{ errors: [{ code: 'NotSupportedChoice', path: '0.chat_id' }] }],
    retry_after: 1,
  },
];

export const EDNA_ANSWERS: readonly unknown[] = [
  { requestId: '0b8e7c1e-3f9a-5d24-9a17-c0ffee118000', messageId: 118_118 },
  { code: 'ok', outMessageId: '18446744073709551615' },
  { title: 'requestId-is-not-unique', status: 400, detail: 'it was taken' },
  [
    {
      id: 9026,
      name: 'WA',
      status: 'ACTIVE',
      stagesCount: 1,
      stages: [
        { subject: { id: 71_844, subject: 'acme_wa_main', type: 'WHATSAPP', locked: false } },
      ],
    },
  ],
  [{ id: 1, subjectId: 71_844, subject: 'acme_wa_main', type: 'WHATSAPP' }],
  [
    {
      id: 118,
      name: 'order_ready',
      status: 'APPROVED',
      locked: false,
      contentType: 'TEXT',
      channelType: 'WHATSAPP',
      category: 'UTILITY',
      language: 'RU',
      content: {
        text: 'Order {{1}} is ready',
        textExampleParams: ['118'],
        header: { headerType: 'TEXT', text: 'Order' },
        footer: { text: 'Acme' },
        keyboard: {
          rows: [{ buttons: [{ text: 'Open', buttonType: 'URL', url: 'https://e.test/{{1}}' }] }],
        },
      },
    },
  ],
  {
    hasNext: false,
    content: [
      {
        messageId: 118_118,
        direction: 'OUT',
        address: '79995550142',
        subjectId: 71_844,
        channelType: 'WHATSAPP',
        createdAt: '2026-02-03T09:20:41Z',
        content: { type: 'TEXT', text: 'Order 118 is packed.' },
        comment: 'amo:1',
        deliveryStatus: 'DELIVERED',
      },
      {
        messageId: 118_119,
        direction: 'IN',
        address: '79995550142',
        subjectId: 71_844,
        receivedAt: '2026-02-03T09:20:41.123+0300',
        content: '{"type":"LOCATION","location":{"latitude":59.9,"longitude":30.3}}',
        userInfo: { firstName: 'Vera' },
      },
    ],
  },
];
