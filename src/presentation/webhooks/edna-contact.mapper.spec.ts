import { toContact } from './edna-contact.mapper.js';

const PAVEL = { kind: 'contact', name: 'Pavel Orlov', phone: '+7 999 555-01-90', text: '' };

describe('toContact', () => {
  it.each([
    { name: 'Pavel Orlov', phone: '+7 999 555-01-90' },
    { firstName: 'Pavel', lastName: 'Orlov', phoneNumber: '+7 999 555-01-90' },
    { name: { formatted_name: 'Pavel Orlov' }, phones: [{ phone: '+7 999 555-01-90' }] },
    { name: { first_name: 'Pavel', last_name: 'Orlov' }, phones: ['+7 999 555-01-90'] },
    [{ name: 'Pavel Orlov', phones: [{ type: 'CELL' }, { wa_id: '+7 999 555-01-90' }] }],
    { contacts: [{ fullName: 'Pavel Orlov', tel: '+7 999 555-01-90' }] },
    { contact: { displayName: 'Pavel Orlov', number: '+7 999 555-01-90' } },
    'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Pavel Orlov\r\nTEL;TYPE=CELL:+7 999 555-01-90\r\nEND:VCARD',
    {
      vcfInfo:
        'BEGIN:VCARD\nitem1.TEL;waid=79995550190:+7 999 555-01-90\nFN:Pavel Orlov\nEND:VCARD',
    },
  ])('finds name and phone in %j', (shape) => {
    expect(toContact(shape)).toEqual(PAVEL);
  });

  it('calls a contact by its phone where it has no name', () => {
    expect(toContact({ phone: 79995550190 })).toMatchObject({ name: '79995550190' });
  });

  it('puts further contacts below the first', () => {
    const several = [
      { name: 'Pavel', phone: '79995550190' },
      { name: 'Lena', phone: '79995550191' },
      { name: 'nobody' },
      { name: 'Gleb', phone: '79995550192' },
    ];
    expect(toContact(several)).toEqual({
      kind: 'contact',
      name: 'Pavel',
      phone: '79995550190',
      text: 'Lena 79995550191\nGleb 79995550192',
    });
  });

  it.each([
    undefined,
    null,
    {},
    [],
    [[]],
    5,
    true,
    'Pavel',
    { name: 'Pavel' },
    { phone: 'none' },
    { name: { name: { name: {} } }, phone: {} },
    { phones: [[], null, {}] },
  ])('finds none in %j', (shape) => {
    expect(toContact(shape)).toBeUndefined();
  });
});
