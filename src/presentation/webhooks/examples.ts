/*
 * Bodies that can be sent from the page at /docs as they stand. All data in them is invented. Those for amoCRM leave
 * out `account_id`, so that they fit whatever line there is; amoCRM itself always sends it.
 */

type Examples = Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;

const ATTACHMENT = {
  url: 'https://files.example.test/acme_wa_main/shelf.jpg',
  name: 'shelf.jpg',
  size: 48211,
} as const;

const INCOMING = {
  id: 16204400917,
  subject: 'acme_wa_main',
  subjectId: 71844,
  subscriber: { id: 55120388, identifier: '79995550142' },
  userInfo: { userName: 'Vera', firstName: null, lastName: null, avatarUrl: null },
  messageContent: { type: 'TEXT', text: 'Is it in stock?', attachment: null, caption: null },
  receivedAt: '2026-02-03T09:20:41Z',
} as const;

const STATUS = {
  requestId: '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11',
  messageId: 903311,
  cascadeId: 9026,
  subject: 'acme_wa_main',
  subjectId: 71844,
  status: 'DELIVERED',
  statusAt: '2026-02-03T09:15:07Z',
  error: null,
  comment: 'amo:b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53',
} as const;

export const EDNA_EXAMPLES: Examples = {
  simpleMessage: {
    summary: 'Simple form: a message of a client',
    value: {
      id: 'msg-1',
      imType: 'whatsapp',
      subject: '79995550142',
      text: 'Is it in stock?',
      fromClient: true,
    },
  },
  simpleFile: {
    summary: 'Simple form: a file of a client',
    value: {
      id: 'msg-2',
      imType: 'whatsapp',
      subject: '79995550142',
      text: 'Like this one',
      fromClient: true,
      attachment: { ...ATTACHMENT, mimeType: 'image/jpeg' },
    },
  },
  simpleStatus: {
    summary: 'Simple form: a message was read',
    value: { id: STATUS.requestId, status: 'read' },
  },
  message: { summary: 'A message of a client', value: INCOMING },
  picture: {
    summary: 'A picture of a client',
    value: {
      ...INCOMING,
      id: 16204400918,
      messageContent: {
        type: 'IMAGE',
        text: null,
        caption: 'scratch here',
        attachment: ATTACHMENT,
      },
    },
  },
  delivered: { summary: 'A message was delivered', value: STATUS },
  undelivered: {
    summary: 'A message was not delivered',
    value: { ...STATUS, status: 'UNDELIVERED', error: 'not-whatsapp-user' },
  },
  several: { summary: 'Several at once', value: [INCOMING, STATUS] },
  legacyMessage: {
    summary: 'Older interface: a message of a client',
    value: {
      id: 88412,
      imSubject: 'acme_wa_main',
      imSubjectId: 71844,
      address: '79995550142',
      imType: 'whatsapp',
      contentType: 'text',
      text: 'Is it in stock?',
      userName: 'Vera',
      receivedAt: '2026-02-03T09:20:41.000+0000',
    },
  },
  legacyStatus: {
    summary: 'Older interface: a message was read',
    value: { imOutMessageId: STATUS.requestId, dlvStatus: 'read', dlvError: null },
  },
};

const HOOK = {
  time: 1772529480,
  message: {
    receiver: {
      id: 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04',
      name: 'Vera',
      phone: '79995550142',
      client_id: 'edna:71844:79995550142',
    },
    sender: { id: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8', name: 'Oleg' },
    conversation: {
      id: '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53',
      client_id: 'edna:71844:79995550142',
    },
    timestamp: 1772529480,
    msec_timestamp: 1772529480310,
    message: {
      id: 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53',
      type: 'text',
      text: 'Good afternoon',
      markup: null,
      tag: '',
      media: '',
      thumbnail: '',
      file_name: '',
      file_size: 0,
    },
  },
} as const;

export const AMOCRM_EXAMPLES: Examples = {
  simple: {
    summary: 'Simple form: a message of a manager',
    value: {
      message: { id: 'm-1', text: 'Good afternoon', date: 1772529480 },
      sender: { id: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8', name: 'Oleg' },
      conversation: { id: 'edna:71844:79995550142' },
      account: { id: '12345678', subdomain: 'acme' },
    },
  },
  message: { summary: 'A message of a manager', value: HOOK },
  file: {
    summary: 'A file of a manager',
    value: {
      ...HOOK,
      message: {
        ...HOOK.message,
        message: {
          ...HOOK.message.message,
          id: '2d9be5f1-6a07-4f3c-8e12-b5c4d3a2f190',
          type: 'file',
          text: 'The offer',
          media: 'https://files.example.test/attachments/offer-118.pdf',
          file_name: 'offer-118.pdf',
          file_size: 20480,
        },
      },
    },
  },
  writeFirst: {
    summary: 'A manager writes first',
    value: {
      ...HOOK,
      message: {
        ...HOOK.message,
        receiver: { id: 'a3f1c7d2-58e4-4b09-9c6d-1e2f3a4b5c6d', phone: '79995550188' },
        conversation: { id: '6c5d4e3f-2a1b-4c0d-9e8f-7a6b5c4d3e2f' },
        message: { ...HOOK.message.message, id: '7e6d5c4b-3a29-4180-bf7e-6d5c4b3a2910' },
      },
    },
  },
  version1: {
    summary: 'Version 1 of the hook',
    value: {
      receiver: 'edna:71844:79995550142',
      conversation_id: 'edna:71844:79995550142',
      type: 'text',
      text: 'Good afternoon',
      msec_timestamp: 1772529480310,
    },
  },
  typing: {
    summary: 'A manager is typing (not passed on)',
    value: {
      time: 1772529470,
      action: {
        typing: {
          user: { id: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8' },
          conversation: HOOK.message.conversation,
          expired_at: 1772529475,
        },
      },
    },
  },
};

/** What the form of amoCRM's says, as JSON; every value is a text. */
export const ACCOUNT_EXAMPLES: Examples = {
  review: {
    summary: 'A template is to be approved',
    value: {
      add: [
        {
          id: '6955',
          type: 'waba',
          account_id: '31990077',
          name: 'order_ready',
          content: 'Order {{lead.name}} is ready',
          created_at: '1772529480',
          updated_at: '1772529480',
          is_editable: '1',
          reviews: [{ id: '15', source_id: '5521', status: 'review', reject_reason: '' }],
          is_on_review: '1',
          waba_footer: 'Acme',
          waba_category: 'UTILITY',
          waba_language: 'ru',
        },
      ],
    },
  },
};
