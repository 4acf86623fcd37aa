import { Bridge } from './bridge.js';

for (const store of ['sqlite', 'postgres'] as const) {
  describe(`the main job on ${store}`, () => {
    let bridge: Bridge;
    beforeEach(async () => {
      bridge = await Bridge.start({ store });
    });
    afterEach(() => bridge.stop());

    it('carries a conversation both ways, with the marks', async () => {
      const { sandbox } = bridge;
      const client = sandbox.client('79995550142', { firstName: 'Vera' });
      await client.writes({ type: 'TEXT', text: 'Is it in stock?' });
      const chat = await sandbox.until(() => sandbox.chat('79995550142'));
      expect(chat.messages).toMatchObject([{ type: 'text', text: 'Is it in stock?' }]);

      const answer = await sandbox.manager.writes(chat, 'Yes, it is');
      await sandbox.until(() => client.sees.length === 1);
      expect(client.sees).toMatchObject([{ content: { text: 'Yes, it is' } }]);
      await sandbox.until(() => answer.tick.state === 'read');
      expect(sandbox.ledger()).toMatchObject({
        violations: 0,
        doubled: 0,
        outOfOrder: 0,
        statusBackwards: 0,
        missing: 0,
        chats: 1,
        leads: 1,
      });
    });
  });
}
