import { toContent } from './edna-content.mapper.js';
import type { EdnaContent } from './edna-webhook.wire.js';

const say = (content: EdnaContent) => toContent(content, 'WhatsApp');
const file = (name: string) => ({ url: `https://files.example.test/acme/${name}` });

describe('content of a client', () => {
  it.each([
    'Is it in stock?',
    '👩‍👩‍👧‍👦 🇷🇺',
    '\u200B',
    ' two  spaces\nand a line\t',
    'я'.repeat(10_000),
    '<b>&amp;</b>',
    '0',
  ])('passes text on to the letter: %j', (text) => {
    expect(say({ type: 'TEXT', text })).toEqual({ kind: 'text', text });
  });

  it.each([
    ['IMAGE', 'a.jpg', 'picture'],
    ['VIDEO', 'a.mp4', 'video'],
    ['DOCUMENT', 'a.pdf', 'file'],
    ['DOCUMENT', 'a.jpg', 'file'],
    ['VOICE', 'a.ogg', 'voice'],
    ['VOICE', 'a.mp3', 'voice'],
    ['STICKER', 'a.webp', 'sticker'],
  ])('takes the type %s of %s at its word: a %s', (type, name, kind) => {
    expect(say({ type, attachment: file(name) })).toMatchObject({ kind, caption: '' });
  });

  it.each([
    ['a.ogg', 'voice'],
    ['a.opus', 'voice'],
    ['a', 'voice'],
    ['a.mp3', 'audio'],
    ['a.m4a', 'audio'],
  ])('tells a recording from a song, where edna says AUDIO of both: %s is %s', (name, kind) => {
    expect(say({ type: 'AUDIO', attachment: file(name) })).toMatchObject({ kind });
  });

  it('takes the caption of a file from where it stands', () => {
    const attachment = file('a.jpg');
    const caption = (caption: string, text: string) =>
      say({ type: 'IMAGE', attachment, caption, text });
    expect(caption('here', 'there')).toMatchObject({ caption: 'here' });
    expect(caption('', 'there')).toMatchObject({ caption: 'there' });
  });

  it.each(['IMAGE', 'VIDEO', 'DOCUMENT', 'AUDIO', 'VOICE', 'STICKER'])(
    'says that a file did not load where %s comes without an address',
    (type) => {
      for (const attachment of [undefined, {}, { url: 'lost' }]) {
        expect(say({ type, attachment, caption: 'see' })).toMatchObject({
          kind: 'unsupported',
          substitute: 'file-failed',
          text: 'see',
        });
      }
    },
  );

  it('reads a place, with its title and address', () => {
    expect(
      say({
        type: 'LOCATION',
        caption: 'Office',
        location: { latitude: '59.9571', longitude: 30.3083, locationAddress: 'Pier 4' },
      }),
    ).toEqual({
      kind: 'location',
      latitude: 59.9571,
      longitude: 30.3083,
      address: 'Office, Pier 4',
    });
  });

  it.each([
    undefined,
    {},
    { latitude: 91, longitude: 0 },
    { latitude: 0, longitude: -181 },
    { latitude: 'north', longitude: 'east' },
  ])('says that a place came where %j is none', (location) => {
    expect(say({ type: 'LOCATION', location, text: 'Pier 4' })).toEqual({
      kind: 'unsupported',
      substitute: 'unknown-type',
      type: 'location',
      text: 'Pier 4',
    });
  });

  it('takes the code of a button that has no title', () => {
    expect(say({ type: 'BUTTON', text: 'Reschedule', payload: 'resched-118' })).toMatchObject({
      text: 'Reschedule',
    });
    expect(say({ type: 'BUTTON', payload: 'resched-118' })).toMatchObject({ text: 'resched-118' });
  });

  it('joins what was picked from a list', () => {
    const items = [{ title: 'Evening' }, { title: null }, 'odd', null, { title: 'Night' }];
    expect(say({ type: 'LIST_PICKER', items })).toMatchObject({ text: 'Evening\nNight' });
    expect(say({ type: 'LIST_PICKER', items: 'Evening', text: 'Evening' })).toMatchObject({
      text: 'Evening',
    });
  });

  it('makes the answers to a form readable', () => {
    const answers = {
      city: 'Omsk',
      days: ['Mon', 'Tue'],
      agreed: true,
      count: 2,
      address: { street: 'Pier 4' },
      note: '',
      flow_token: 't-1',
    };
    expect(say({ type: 'FLOW', text: JSON.stringify(answers) })).toMatchObject({
      text: 'city: Omsk\ndays: Mon, Tue\nagreed: true\ncount: 2\naddress: {"street":"Pier 4"}',
    });
  });

  it('keeps every digit of an answer', () => {
    expect(say({ type: 'FLOW', text: '{"card":2200000000000000123}' })).toMatchObject({
      text: 'card: 2200000000000000123',
    });
  });

  it.each(['no JSON', '["Omsk"]', '{"flow_token":"t-1"}', '"Omsk"', `${'{"a":'.repeat(50_000)}`])(
    'passes a form on as it came where it holds no answers: %.20s',
    (text) => {
      expect(say({ type: 'FLOW', text })).toEqual({ kind: 'text', text });
    },
  );

  it.each(['PRODUCT', 'ORDER', 'CATALOG'])('leads to edna for %s, and keeps its text', (type) => {
    expect(say({ type, text: 'Do you have it?' })).toEqual({
      kind: 'unsupported',
      substitute: 'order',
      type: type.toLowerCase(),
      text: 'Do you have it?',
    });
  });

  it.each([
    {},
    { type: 'TEXT' },
    { type: 'TEXT', text: ' \n' },
    { type: 'BUTTON' },
    { type: 'LIST_PICKER', items: [] },
    { type: 'FLOW', text: '' },
    { type: 'UNSUPPORTED' },
  ])('names the messenger that withheld %j', (content) => {
    expect(say(content)).toEqual({
      kind: 'unsupported',
      substitute: 'withheld',
      type: 'WhatsApp',
      text: '',
    });
  });

  it('names a kind nobody has told us of, with what of it is text', () => {
    expect(say({ type: 'Reaction', text: '👍' })).toEqual({
      kind: 'unsupported',
      substitute: 'unknown-type',
      type: 'reaction',
      text: '👍',
    });
    expect(say({ type: 'constructor' })).toMatchObject({ substitute: 'unknown-type' });
  });

  it('passes a file on whatever its message calls itself', () => {
    const attachment = file('a.gif');
    expect(say({ type: 'ANIMATION', attachment })).toMatchObject({ kind: 'picture', attachment });
    expect(say({ type: 'TEXT', text: 'look', attachment })).toMatchObject({
      kind: 'picture',
      caption: 'look',
    });
  });

  it.each(['image', 'Image', ' IMAGE '])('reads the type %j in any case', (type) => {
    expect(say({ type, attachment: file('a.jpg') })).toMatchObject({ kind: 'picture' });
  });

  it('goes by what is there where no type is', () => {
    expect(say({ text: 'Hello' })).toMatchObject({ kind: 'text' });
    expect(say({ location: { latitude: 1, longitude: 2 } })).toMatchObject({ kind: 'location' });
    expect(say({ items: [{ title: 'Evening' }] })).toMatchObject({ text: 'Evening' });
    expect(say({ contact: { name: 'Pavel', phone: '79995550190' } })).toMatchObject({
      kind: 'contact',
    });
  });

  it('does not call an answered story withheld', () => {
    expect(say({ type: 'TEXT', story: { id: 's-1' } })).toMatchObject({
      substitute: 'unknown-type',
      type: 'story',
    });
  });
});
