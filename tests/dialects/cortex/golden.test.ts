import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Json } from '#core/custody/event.ts';
import { day } from '#core/time.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { version } from '#core/version.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import type { TestAgent } from '#kit/agent.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import {
  advanced,
  badHash,
  type CortexWorld,
  goodPath,
  openWorld,
  quarantineFields,
  retrievalFields,
  standard,
} from './world.ts';

const keyNames = [
  'responder',
  'viewer',
  'administrator',
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
  /** Whether this installation writes ids and counts as integers. */
  integers: z.boolean().default(false),
  key: z.enum(keyNames).default('responder'),
  body: z.string().optional(),
  status: z.number(),
  reply: z.string(),
});

const directory = join(import.meta.dir, 'golden');
let world: CortexWorld;
let integers: Pick<CortexWorld, 'send'>;
let facts: Readonly<Record<string, string>>;
let keys: Readonly<Record<(typeof keyNames)[number], Readonly<Record<string, string>>>>;

beforeAll(async () => {
  world = await openWorld();
  const { ports } = world;
  const wrong = { email: 'eve@example.com', password: 'no', remoteAddress: '198.51.100.7' };
  await logIn(ports, wrong).catch(() => undefined);
  const cortex = { ...ports.policy.cortex, idForm: 'integer' as const };
  const dialect = createCortexDialect({ ...ports, policy: { ...ports.policy, cortex } });
  integers = {
    send: ({ method = 'POST', path, headers, body }) =>
      dialect.handle(
        new Request(`https://custody.test:8443${path}`, { method, headers, ...(body !== undefined && { body }) }),
        { remoteAddress: '192.0.2.99', local: false },
      ),
  };
  const { reply } = await world.call('endpoints/quarantine', quarantineFields(world.web, world.mac));
  await world.work();
  const again = await world.call('endpoints/quarantine', quarantineFields(world.web));
  await world.work();
  const blocked = await blockQuarantined();
  const { looked, deleted } = await runScripts();
  const retrieval = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
  await world.work();
  const incident = await createIncident(ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: '', severity: 'high', endpointIds: [], files: [], processes: [] },
  });
  const [web, mac] = [world.web.endpoint.id, world.mac.endpoint.id];
  facts = {
    web,
    mac,
    bad: badHash,
    WEB: web.toUpperCase(),
    BAD: badHash.toUpperCase(),
    quarantined: String(reply['action_id']),
    failed: String(again.reply['action_id']),
    ...{ blocked, looked, deleted },
    retrieved: String(retrieval.reply['action_id']),
    incident: incident.incident.id,
    now: String(world.ports.clock.now()),
    version,
  };
  keys = await makeKeys();
  const viewerKey = keys.viewer['x-xdr-auth-id'] ?? '';
  const made = await world.ports.store.read(({ credentials }) => credentials.keys());
  const nextWeek = String(world.ports.clock.now() + 7 * day);
  facts = { ...facts, viewerKey, nextWeek, keys: String(made.length) };
});

afterAll(() => world[Symbol.asyncDispose]());

for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
  describe(`the golden cases of ${file}`, () => {
    for (const golden of z.array(caseSchema).parse(JSON.parse(readFileSync(join(directory, file), 'utf8')))) {
      test(`${golden.path}: ${golden.name}`, async () => {
        const body = golden.body === undefined ? {} : { body: filled(golden.body) };
        const request = { method: golden.method, path: golden.path, headers: keys[golden.key], ...body };
        const response = await (golden.integers ? integers : world).send(request);
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

/** A quarantined file whose hash is on the block list. */
async function blockQuarantined(): Promise<string> {
  const { ports, web } = world;
  const bytes = new TextEncoder().encode('the bytes of a blocked file');
  web.disk.set('/srv/blocked.bin', bytes);
  const sha256 = sha256Of(bytes);
  const fields = { ...quarantineFields(web), file_path: '/srv/blocked.bin', file_hash: sha256 };
  await world.call('endpoints/quarantine', fields);
  await world.work();
  const origin = { principal: administrator, dialect: 'cortex' } as const;
  await listHashes(ports, { origin, hashes: [sha256], list: 'block', prevent: true });
  return sha256;
}

/** The actions of two scripts: one looked for a file on both endpoints, the other took one away on the Linux endpoint. */
async function runScripts(): Promise<Readonly<Record<'looked' | 'deleted', string>>> {
  const { web, mac } = world;
  web.disk.set('/srv/unwanted.bin', new TextEncoder().encode('the bytes of an unwanted file'));
  const run = async (uid: string, values: Json, ...agents: readonly TestAgent[]) => {
    const { filters = [] } = quarantineFields(...agents);
    const answer = await world.call('scripts/run_script', { script_uid: uid, parameters_values: values, filters });
    await world.work();
    return String(answer.reply['action_id']);
  };
  const looked = await run('414763381b5bfb7b05796c9fe690df46', { path: '/srv/unwanted.bin' }, web, mac);
  const deleted = await run('548023b6e4a01ec51a495ba6e5d2a15d', { file_path: '/srv/unwanted.bin' }, web);
  return { looked, deleted };
}

async function makeKeys(): Promise<typeof keys> {
  const now = world.ports.clock.now();
  const plain = await world.newKey('Responder', 'standard');
  const signing = await world.newKey('Responder', 'advanced');
  const { authorization: _signature, ...nonce } = advanced(plain, now);
  return {
    responder: standard(plain),
    viewer: await world.key('Viewer'),
    administrator: await world.key('Instance Administrator'),
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
