import { aLine } from '../../test/builders.js';
import { FakeCrmContacts } from '../../test/fakes/crm-contacts.js';
import { NotInCrm } from '../domain/contacts.js';
import { LinkChat } from './link-chat.js';

describe('a chat that a program puts into a card', () => {
  const chat = { chatId: 'chat', contactId: 7 };
  let contacts: FakeCrmContacts;
  let link: LinkChat;
  beforeEach(() => {
    contacts = new FakeCrmContacts();
    link = new LinkChat(contacts);
  });

  it('stands in it, with the lead that is named', async () => {
    expect(await link.execute({ ...chat, leadId: 70 }, aLine())).toBe(70);
    expect(contacts.links.get('chat')).toBe(7);
    expect(contacts.leadLinks.get(70)).toBe(7);
    expect(contacts.leads).toEqual([]);
  });

  it('gets a new lead where one is asked for, and none otherwise', async () => {
    expect(await link.execute(chat, aLine())).toBeUndefined();
    const made = await link.execute({ ...chat, newLead: { name: 'Shoes' } }, aLine());
    expect(contacts.leads).toMatchObject([{ id: made, name: 'Shoes', contactId: 7 }]);
  });

  it('gets no second lead where an earlier try has made one, and nobody knew', async () => {
    const wanted = { ...chat, newLead: { name: 'Shoes' } };
    const since = contacts.now;
    const made = await link.execute(wanted, aLine());
    expect(await link.execute(wanted, aLine(), since)).toBe(made);
    expect(contacts.leads).toHaveLength(1);
  });

  it('gets a lead of its own beside an older one of the same name', async () => {
    const wanted = { ...chat, newLead: { name: 'Shoes' } };
    await link.execute(wanted, aLine());
    const since = new Date(contacts.now.getTime() + 1);
    contacts.now = since;
    await link.execute(wanted, aLine(), since);
    expect(contacts.leads).toHaveLength(2);
  });

  it.each(['lead', 'chat'] as const)('makes no lead where the %s is not there', async (what) => {
    contacts.gone.add(what);
    const wanted = what === 'lead' ? { ...chat, leadId: 70 } : { ...chat, newLead: {} };
    await expect(link.execute(wanted, aLine())).rejects.toEqual(new NotInCrm(what));
    expect(contacts.leads).toEqual([]);
  });
});
