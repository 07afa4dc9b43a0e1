import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type GoldenWorld, goldenFiles, openGoldenWorld } from './golden-cases.ts';

let golden: GoldenWorld;

beforeAll(async () => {
  golden = await openGoldenWorld();
});

afterAll(() => golden.world[Symbol.asyncDispose]());

for (const { file, cases } of goldenFiles) {
  describe(`the golden cases of ${file}`, () => {
    for (const each of cases) {
      test(`${each.path}: ${each.name}`, async () => {
        const { world, integers, keys, filled } = golden;
        const body = each.body === undefined ? {} : { body: filled(each.body) };
        const request = { method: each.method, path: each.path, headers: keys[each.key], ...body };
        const response = await (each.integers ? integers : world).send(request);
        const text = await response.text();
        expect(masked(text, each.reply)).toBe(filled(each.reply));
        expect(response.status).toBe(each.status);
        expect(response.headers.get('content-type')).toBe('application/json');
      });
    }
  });
}

test('the answer to a wrong key has the 93 bytes of the recorded one', async () => {
  const { world, keys } = golden;
  const response = await world.send({ path: '/public_api/v1/endpoints/restore/', headers: keys.wrong, body: '{}' });
  expect((await response.arrayBuffer()).byteLength).toBe(93);
});

/** Digits and ids of reports that the case does not know beforehand are written as it writes them. */
function masked(text: string, template: string): string {
  const named = text.replace(/(?<=reportIds\\": \[\\")[0-9a-f]{32}/g, '{{report}}');
  const digits = template.includes('{{digits}}')
    ? named
        .replace(/"(action_id|id)": ("?)\d+\2/, '"$1": $2{{digits}}$2')
        .replaceAll(/"AUDIT_ID": \d+/g, '"AUDIT_ID": {{digits}}')
    : named;
  const alerts = digits.replaceAll(/"(alert_id|case_id)": ("?)\d+\2/g, '"$1": $2{{digits}}$2');
  const comments = alerts.replaceAll(/"comment_id": "[0-9a-f-]{36}"/g, '"comment_id": "{{uuid}}"');
  const links = comments.replace(/(?<=\/download\/)[\w.~-]+(?=")/g, '{{token}}');
  return links.replace(/"key": "[A-Za-z0-9]{128}"/, '"key": "{{secret}}"');
}
