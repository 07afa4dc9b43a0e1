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

export interface GoldenWorld {
  readonly world: CortexWorld;
  /** The same installation where ids are integers. */
  readonly integers: Pick<CortexWorld, 'send'>;
  readonly keys: Readonly<Record<(typeof keyNames)[number], Readonly<Record<string, string>>>>;
  /** Puts in what the cases call by name. */
  filled(template: string): string;
}

export interface GoldenFile {
  readonly file: string;
  readonly cases: readonly z.infer<typeof caseSchema>[];
}

const directory = join(import.meta.dir, 'golden');

export const goldenFiles: readonly GoldenFile[] = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .map((file) => ({ file, cases: z.array(caseSchema).parse(JSON.parse(readFileSync(join(directory, file), 'utf8'))) }));

/** What the golden cases are about. */
export async function openGoldenWorld(): Promise<GoldenWorld> {
  const world = await openWorld();
  const { ports } = world;
  const address = { remoteAddress: '198.51.100.7', dialect: 'native' } as const;
  const wrong = { email: 'eve@example.com', password: 'no', ...address };
  await logIn(ports, wrong).catch(() => undefined);
  const cortex = { ...ports.policy.cortex, idForm: 'integer' as const };
  const dialect = createCortexDialect({ ...ports, policy: { ...ports.policy, cortex } });
  const integers: GoldenWorld['integers'] = {
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
  const blocked = await blockQuarantined(world);
  const { looked, deleted } = await runScripts(world);
  const retrieval = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
  await world.work();
  const incident = await createIncident(ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: '', severity: 'high', endpointIds: [], files: [], processes: [] },
  });
  const [web, mac] = [world.web.endpoint.id, world.mac.endpoint.id];
  const known = {
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
  const keys = await makeKeys(world);
  const viewerKey = keys.viewer['x-xdr-auth-id'] ?? '';
  const made = await world.ports.store.read(({ credentials }) => credentials.keys());
  const nextWeek = String(world.ports.clock.now() + 7 * day);
  const facts: Readonly<Record<string, string>> = { ...known, viewerKey, nextWeek, keys: String(made.length) };
  return {
    world,
    integers,
    keys,
    filled: (template) => template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => facts[name] ?? whole),
  };
}

/** A quarantined file whose hash is on the block list. */
async function blockQuarantined(world: CortexWorld): Promise<string> {
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
async function runScripts(world: CortexWorld): Promise<Readonly<Record<'looked' | 'deleted', string>>> {
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

async function makeKeys(world: CortexWorld): Promise<GoldenWorld['keys']> {
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
