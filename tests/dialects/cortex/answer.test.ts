import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { reply } from '#dialects/cortex/answer.ts';

const alarms = /invalid|not found|does not exist/i;

test('a success never shows the words by which connectors know a failure, and still means them', async () => {
  const part = fc.constantFrom('invalid', 'Not Found', 'does not exist', '\\', '\n', '\ni', 'i', ' not ', 'x', '"');
  await fc.assert(
    fc.asyncProperty(fc.array(part), async (parts) => {
      const name = parts.join('');
      const text = await reply({ [name]: name }).text();
      expect(text).not.toMatch(alarms);
      expect(JSON.parse(text)).toEqual({ reply: { [name]: name } });
    }),
  );
});
