import { toClientAddress, toPhone } from './phone.js';

describe('the number a manager chose', () => {
  it.each([
    '79995550188',
    '+79995550188',
    '+7 (999) 555-01-88',
    '8 (999) 555-01-88',
    '89995550188',
    '8-999-555-01-88',
    '9995550188',
    '(999) 555 01 88',
    '+8 999 555 01 88',
    ' +7 999 555-01-88 (моб.)',
    '+7 999 555-01-88 (2 этаж)',
    '+7 999 555-01-88 доб. 5',
    '+79995550188#12',
    '8 999 555 01 88 ext. 12',
    '79995550188;ext=12',
    'WhatsApp: 79995550188',
  ])('"%s" is one client', (text) => expect(toPhone(text)).toBe('79995550188'));

  it.each([
    ['77011234567', '77011234567', 'of Kazakhstan'],
    ['+375 29 123-45-67', '375291234567', 'of Belarus'],
    ['375291234567', '375291234567', 'of Belarus, without its plus'],
    ['380501234567', '380501234567', 'of Ukraine'],
    ['+5215512345678', '5215512345678', 'of Mexico, in a shape our tables do not have'],
    ['+84 951 234 567', '84951234567', 'of Viet Nam'],
    ['8 495 123 45 67', '74951234567', 'of Moscow'],
    ['+44 (0)20 7946 0018', '442079460018', 'of London, with the zero one dials at home'],
    ['375 29 123-45-67 доб. 5', '375291234567', 'of Belarus, and somebody in its office'],
    ['8 10 375 29 123-45-67', '375291234567', 'of Belarus, as one dials it in Russia'],
    ['87011234567', '77011234567', 'of Kazakhstan, as one dials it in Russia'],
  ])('"%s" is %s, %s', (text, phone) => expect(toPhone(text)).toBe(phone));

  it.each([
    '',
    '0',
    '12345',
    'нет',
    '+',
    '+12345',
    '0000000000000000000',
    '++--',
    '1'.repeat(300),
    '+7 999 555-01-8',
    '7999555018',
    '+7 999 555-01-88 5',
    '+7 999 555-01-88 / +7 999 555-01-77',
    'ivan.79995550188@example.test',
    'ООО «Ромашка 2024» 12345678901',
  ])('"%s" is none: the message would reach somebody else', (text) =>
    expect(toPhone(text)).toBeUndefined(),
  );

  it('is read as one of the operator’s own country', () => {
    expect(toPhone('029 123-45-67', 'BY')).toBe('375291234567');
    expect(toPhone('8 029 123-45-67', 'BY')).toBe('375291234567');
    expect(toPhone('7011234567', 'KZ')).toBe('77011234567');
    expect(toPhone('613 555 0142', 'US')).toBe('16135550142');
  });
});

describe('the address of a client', () => {
  it.each(['79995550188', '+79995550188', '89995550188', '8 (999) 555-01-88', '+7 999 555 01 88'])(
    '"%s" is one client',
    (text) => expect(toClientAddress(text)).toBe('79995550188'),
  );

  it.each([
    ['375291234567', 'a phone of another country'],
    ['84951234567', 'a phone of Viet Nam, which reads like Moscow'],
    ['5215512345678', 'a phone in a shape our tables do not have'],
    ['20391177', 'an id of MAX'],
    ['7123456789', 'an id of ten digits'],
    ['vera_the_client', 'a nickname'],
    ['RU.11f0c1', 'an id of letters'],
  ])('"%s", %s, stays what it is', (text) => expect(toClientAddress(text)).toBe(text));
});
