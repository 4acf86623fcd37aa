import { hasEmptyField } from './templates.js';

describe('a text in which a field', () => {
  it.each(['{{1}}', 'Order {{ 2 }} is ready', 'Hello, {{contact.name}}!', '{{lead.cf.581}}'])(
    'is still empty: %s',
    (text) => {
      expect(hasEmptyField(text)).toBe(true);
    },
  );

  it.each(['', 'Order 118', '{1}', '{{}}', 'a {{word}} in braces', 'if {{ a || b }}'])(
    'is not: %s',
    (text) => {
      expect(hasEmptyField(text)).toBe(false);
    },
  );
});
