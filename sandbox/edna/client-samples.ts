import type { ClientContent } from './client-message.ts';

/** One message of every type edna documents or was seen to post, and one of a type nobody knows. */
export const CLIENT_SAMPLES = {
  TEXT: 'Is it in stock?',
  IMAGE: { type: 'IMAGE', caption: 'scratch here' },
  VIDEO: { type: 'VIDEO', caption: 'how it rattles' },
  DOCUMENT: { type: 'DOCUMENT', attachment: { name: 'invoice-118.pdf' } },
  AUDIO: { type: 'AUDIO' },
  VOICE: { type: 'VOICE' },
  STICKER: { type: 'STICKER' },
  LOCATION: {
    type: 'LOCATION',
    location: { latitude: 59.9571, longitude: 30.3083, address: null },
  },
  BUTTON: { type: 'BUTTON', text: 'Reschedule', payload: 'resched-118' },
  LIST_PICKER: {
    type: 'LIST_PICKER',
    items: [{ identifier: '02', title: 'Evening', subtitle: null }],
  },
  FLOW: { type: 'FLOW', text: '{"city":"Omsk","flow_token":"t-1"}' },
  PRODUCT: {
    type: 'PRODUCT',
    text: 'Do you have this one?',
    product: { catalogId: 'c-7', productId: 'sku-118' },
  },
  ORDER: {
    type: 'ORDER',
    order: { catalogId: 'c-7', items: [{ productId: 'sku-118', quantity: 2 }] },
  },
  CATALOG: { type: 'CATALOG', catalog: { catalogId: 'c-7' } },
  CONTACT: { type: 'CONTACT', contact: { name: 'Pavel', phone: '79995550190' } },
  STORY: { type: 'TEXT', text: 'Nice!', story: { id: 's-1' } },
  UNKNOWN: { type: 'HOLOGRAM', hologram: { depth: 3 } },
} satisfies Record<string, ClientContent>;
