import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { logIn } from '#core/verbs/log-in.ts';
import { advanced, badHash, type CortexWorld, openWorld, quarantineFields, standard } from './world.ts';

const keyNames = [
  'responder',
  'viewer',
  'auditor',
  'advanced',
  'standardWithNonce',
  'advancedAsStandard',
  'standardAsAdvanced',
  'wrong',
  'none',
] as const;

const caseSchema = z.strictObject({
  name: z.string(),
  path: z.string(),
  method: z.enum(['GET', 'POST']).default('POST'),
  key: z.enum(keyNames).default('responder'),
  body: z.string().optional(),
  status: z.number(),
  reply: z.string(),
});

const directory = join(import.meta.dir, 'golden');
let world: CortexWorld;
let facts: Readonly<Record<string, string>>;
let keys: Readonly<Record<(typeof keyNames)[number], Readonly<Record<string, string>>>>;

beforeAll(async () => {
  world = await openWorld();
  const wrong = { email: 'eve@example.com', password: 'no', remoteAddress: '198.51.100.7' };
  await logIn(world.ports, wrong).catch(() => undefined);
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(world.web, world.mac));
  await world.work();
  const [web, mac] = [world.web.endpoint.id, world.mac.endpoint.id];
  facts = {
    web,
    mac,
    bad: badHash,
    WEB: web.toUpperCase(),
    BAD: badHash.toUpperCase(),
    quarantined: String(reply['action_id']),
    now: String(world.ports.clock.now()),
  };
  keys = await makeKeys();
});

afterAll(() => world[Symbol.asyncDispose]());

for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
  describe(`the golden cases of ${file}`, () => {
    for (const golden of z.array(caseSchema).parse(JSON.parse(readFileSync(join(directory, file), 'utf8')))) {
      test(`${golden.path}: ${golden.name}`, async () => {
        const body = golden.body === undefined ? {} : { body: filled(golden.body) };
        const request = { method: golden.method, path: golden.path, headers: keys[golden.key], ...body };
        const response = await world.send(request);
        const text = await response.text();
        expect(masked(text, golden.reply)).toBe(filled(golden.reply));
        expect(response.status).toBe(golden.status);
        expect(response.headers.get('content-type')).toBe('application/json');
      });
    }
  });
}

test('the answer to a wrong key has the 93 bytes of the recorded one', async () => {
  const response = await world.send({ path: '/public_api/v1/endpoints/restore/', headers: keys.wrong, body: '{}' });
  expect((await response.arrayBuffer()).byteLength).toBe(93);
});

async function makeKeys(): Promise<typeof keys> {
  const now = world.ports.clock.now();
  const plain = await world.newKey('Responder', 'standard');
  const signing = await world.newKey('Responder', 'advanced');
  const { authorization: _signature, ...nonce } = advanced(plain, now);
  return {
    responder: standard(plain),
    viewer: await world.key('Viewer'),
    auditor: await world.key('Privileged Investigator'),
    advanced: advanced(signing, now),
    standardWithNonce: { ...nonce, ...standard(plain) },
    advancedAsStandard: standard(signing),
    standardAsAdvanced: advanced(plain, now),
    wrong: { ...standard(plain), authorization: 'wrong' },
    none: {},
  };
}

function filled(template: string): string {
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => facts[name] ?? whole);
}

/** Digits that the case does not know beforehand are written as it writes them. */
function masked(text: string, template: string): string {
  return template.includes('{{digits}}')
    ? text
        .replace(/"action_id": "\d+"/, '"action_id": "{{digits}}"')
        .replaceAll(/"AUDIT_ID": \d+/g, '"AUDIT_ID": {{digits}}')
    : text;
}
