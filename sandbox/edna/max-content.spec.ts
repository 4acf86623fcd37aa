import { Refusal } from '../answer.ts';
import { readMaxContent } from './max-content.ts';

const URL_OF_FILE = 'https://media.example.test/f/7a91.jpg';
const LINK = { type: 'LINK', text: 'Track', url: 'https://track.example.test/118' };
const rows = (...buttons: object[]) => ({ rows: [{ buttons }] });
const long = (chars: number) => 'x'.repeat(chars);

describe('content for MAX', () => {
  it.each([
    [
      { type: 'IMAGE', url: URL_OF_FILE, name: 'shelf.jpg', caption: 'Look', text: 'ignored' },
      { text: 'Look', attachment: { url: URL_OF_FILE, name: 'shelf.jpg' } },
    ],
    [
      { type: 'VOICE', url: URL_OF_FILE, text: 'Listen' },
      { text: 'Listen', attachment: { url: URL_OF_FILE, name: null } },
    ],
    [
      { type: 'LOCATION', latitude: 59.9, longitude: 30.3, text: 'Pier' },
      { text: 'Pier', location: { latitude: 59.9, longitude: 30.3, address: null } },
    ],
    [
      { type: 'BUTTON', text: 'Parcel 118', button: { caption: 'Track', action: LINK.url } },
      { text: 'Parcel 118', keyboard: rows(LINK) },
    ],
    [
      {
        type: 'KEYBOARD',
        text: 'Choose',
        keyboard: rows(
          LINK,
          { type: 'MESSAGE', text: 'Yes' },
          { type: 'CALLBACK', text: 'No', payload: 'no' },
          { type: 'LOCATION_REQUEST', text: 'Here I am' },
          { type: 'CONTACT_REQUEST', text: 'My phone' },
        ),
      },
      { text: 'Choose', keyboard: { rows: [{ buttons: [LINK, {}, { payload: 'no' }, {}, {}] }] } },
    ],
    [{ type: 'TEXT', text: long(4000) }, { text: long(4000) }],
  ])('is taken as %j', (content, understood) => {
    expect(readMaxContent(content)).toMatchObject({ type: content.type, ...understood });
  });

  it.each([
    ['content.text.empty', { type: 'KEYBOARD', keyboard: rows(LINK) }],
    ['content.text.too_long', { type: 'TEXT', text: long(4001) }],
    ['content.name.too_long', { type: 'IMAGE', url: URL_OF_FILE, name: long(4097) }],
    ['content.caption.too_long', { type: 'IMAGE', url: URL_OF_FILE, caption: long(4097) }],
    ['content.url.too_long', { type: 'IMAGE', url: `${URL_OF_FILE}?${long(4096)}` }],
    ['content.url.not_valid', { type: 'IMAGE', url: 'shelf.jpg' }],
    ['content.url.empty', { type: 'DOCUMENT' }],
    ['content.button.not_valid', { type: 'BUTTON', text: 'x' }],
    ['content.caption.too_long', button({ caption: long(31), action: LINK.url })],
    ['content.action.too_long', button({ caption: 'x', action: `${LINK.url}?${long(1024)}` })],
    ['content.action.not_valid', button({ caption: 'x', action: 'track' })],
    ['content.keyboard.not_valid', { type: 'KEYBOARD', text: 'x', keyboard: {} }],
    ['content.keyboard.not_valid', { type: 'KEYBOARD', text: 'x', keyboard: rows() }],
    ['content.keyboard.not_valid', keyboard({ type: 'QUICK_REPLY', text: 'x' })],
    ['content.text.too_long', keyboard({ ...LINK, text: long(31) })],
    ['content.url.empty', keyboard({ ...LINK, url: undefined })],
    ['content.payload.empty', keyboard({ type: 'CALLBACK', text: 'x' })],
    ['content.location.not_valid', { type: 'LOCATION', latitude: '59', longitude: '30' }],
    ['content.type.not_valid', { type: 'text', text: 'x' }],
    ['content.type.not_valid', undefined],
  ])('is refused with %s: %j', (code, content) => {
    const refusal = refusalOf(content);
    expect(refusal.answer).toMatchObject({ status: 400, body: { code } });
  });
});

function button(one: object) {
  return { type: 'BUTTON', text: 'x', button: one };
}

function keyboard(...buttons: object[]) {
  return { type: 'KEYBOARD', text: 'x', keyboard: rows(...buttons) };
}

function refusalOf(content: unknown): Refusal {
  try {
    readMaxContent(content);
  } catch (error) {
    if (error instanceof Refusal) return error;
  }
  throw new Error('it was taken');
}
