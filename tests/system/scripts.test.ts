import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CortexClient, newKey } from '#kit/cortex.ts';
import { sha256 } from '#kit/disk.ts';
import type { RealAgent } from '#kit/real-agent.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const exists = '414763381b5bfb7b05796c9fe690df46';
const remove = '548023b6e4a01ec51a495ba6e5d2a15d';

let world: World;
let desk: CortexClient;

beforeAll(async () => {
  world = await openWorld({ agents: 2 });
  desk = await newKey(world.server, 'Privileged Responder');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const filtersFor = (...agents: readonly RealAgent[]) => [
  { field: 'endpoint_id_list', operator: 'in', value: agents.map(({ id }) => id) },
];

interface Result {
  readonly execution_status: string;
  readonly _return_value: string | null;
}

/** Runs a script as the XSOAR connector does: run, poll its status, read its results. */
async function run(script: string, values: object, ...agents: readonly RealAgent[]): Promise<readonly Result[]> {
  const fields = { script_uid: script, timeout: 600, filters: filtersFor(...agents), parameters_values: values };
  const id = Number(await desk.order('scripts/run_script/', fields));
  await until(`script ${id} has ended`, async () => {
    const { reply } = await desk.call('scripts/get_script_execution_status/', { action_id: id });
    const status = (reply as { readonly general_status: string }).general_status;
    return !['PENDING', 'IN_PROGRESS', 'PENDING_ABORT'].includes(status);
  });
  const { reply } = await desk.call('scripts/get_script_execution_results/', { action_id: id });
  return (reply as { readonly results: readonly Result[] }).results;
}

test('a file outside the inventory is found, deleted into the vault and brought back', async () => {
  const path = join(world.directory, 'elsewhere.bin');
  const bytes = Buffer.from('a file that no inventory knows of');
  writeFileSync(path, bytes);
  expect(await run(exists, { path }, world.agent(0))).toMatchObject([{ _return_value: 'True' }]);
  const [deleted] = await run(remove, { file_path: path }, world.agent(0));
  expect(deleted).toMatchObject({ execution_status: 'COMPLETED_SUCCESSFULLY', _return_value: 'True' });
  expect(existsSync(path)).toBe(false);
  expect(await run(exists, { path }, world.agent(0), world.agent(1))).toMatchObject([
    { _return_value: 'False' },
    { _return_value: 'False' },
  ]);
  const [again] = await run(remove, { file_path: `${path}.not` }, world.agent(0));
  expect(again).toMatchObject({ execution_status: 'FAILED', _return_value: 'False' });
  await desk.order('endpoints/restore', { file_hash: sha256(bytes) });
  await until('the file is back', () => existsSync(path));
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('a scan is over when every agent has looked at everything', async () => {
  const id = await desk.order('endpoints/scan', { filters: 'all' });
  await until('both have scanned', async () => {
    const { reply } = await desk.call('endpoints/get_endpoint', {});
    const endpoints = (reply as { readonly endpoints: readonly { readonly scan_status: string }[] }).endpoints;
    return endpoints.every(({ scan_status: status }) => status === 'SCAN_STATUS_SUCCESS');
  });
  const { tasks } = await world.client.readAction(id);
  expect(tasks.map(({ files }) => files[0]?.message)).toEqual([
    expect.stringMatching(/^All roots were scanned: /),
    expect.stringMatching(/^All roots were scanned: /),
  ]);
});
