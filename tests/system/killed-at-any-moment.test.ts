import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testSeed } from '#kit/chance.ts';
import { openWorld, type World } from '#kit/world.ts';
import type { Client } from '#sdk/client.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import { killInRounds, type Pawn, placePawns } from './killed-fleet.ts';

const rounds = 35;

type FileOutcome = ActionWithTasks['tasks'][number]['files'][number];

/** How one file of one task ended, with all that it belongs to. */
interface Ending extends FileOutcome {
  readonly verb: ActionWithTasks['verb'];
  readonly actionId: string;
  readonly endpointId: string;
}

test(`kill -9 at ${rounds} random moments loses no action, no file and no report, and repeats no effect`, async () => {
  const seed = testSeed();
  await using world = await openWorld({ agents: 2 });
  const pawns = await placePawns(world);
  const acknowledged = await killInRounds({ world, pawns, seed, count: rounds });
  await Promise.all(world.agents.map((agent) => agent.connect()));
  const actions = await everyActionEnded(world.client);
  const lost = acknowledged.filter((id) => !actions.some((action) => action.id === id));
  expect(lost, 'acknowledged and then lost').toEqual([]);
  const endings = actions.flatMap(endingsOf);
  expect(endings.filter(isUnexpected), 'no file ended in a way that a kill does not explain').toEqual([]);
  await everyTaskReportedOnce(world, actions);
  everyVaultObjectUsedOnce(endings);
  await vaultsHoldWhatTheServerKnows(world);
  for (const pawn of pawns) {
    await isInOnePlace(world, pawn, endings);
  }
  const fetched = endings.filter(({ verb, outcome }) => verb === 'fetch' && outcome === 'done');
  expect(fetched.length).toBeGreaterThan(0);
  for (const ending of fetched) {
    await evidenceIsRight(world, pawns, ending);
  }
}, 240_000);

async function everyActionEnded(client: Client): Promise<readonly ActionWithTasks[]> {
  const { items, total } = await client.listActions({ limit: 1_000 });
  expect(items).toHaveLength(total);
  const actions: ActionWithTasks[] = [];
  for (const { id } of items) {
    actions.push(await client.waitForAction(id, { timeout: 60_000, longestPause: 200 }));
  }
  return actions;
}

function endingsOf({ id, verb, tasks }: ActionWithTasks): readonly Ending[] {
  return tasks.flatMap((task) => {
    expect(task.files.length, `task ${task.id} of ${verb} ${id} says how it ended`).toBeGreaterThan(0);
    return task.files.map((file) => ({
      ...file,
      ...{ verb, actionId: id, taskId: task.id, endpointId: task.endpointId },
    }));
  });
}

/** A file that stands elsewhere at the time is no failure, nor is what a newer restore took back; everything else would be. */
function isUnexpected({ verb, outcome, reason }: Ending): boolean {
  if (verb === 'quarantine' && outcome === 'cancelled') {
    return reason !== 'superseded';
  }
  const expected: Readonly<Record<typeof verb, readonly string[]>> = {
    quarantine: ['done', 'already_done', 'not_found'],
    restore: ['done', 'already_done', 'not_found'],
    restore_objects: ['done', 'already_done', 'not_found'],
    undo: ['done', 'already_done', 'not_found'],
    plan: ['done'],
    fetch: ['done', 'not_found'],
    purge: ['done', 'already_done'],
    search: ['done'],
    logs: ['done'],
    scan: ['done'],
  };
  return !expected[verb].includes(outcome);
}

async function everyTaskReportedOnce({ client }: World, actions: readonly ActionWithTasks[]): Promise<void> {
  for (const { id, tasks } of actions) {
    const { items } = await client.listEvents({ actionId: id, type: ['task_finished'], limit: 1_000 });
    const reported = items.map(({ facts }) => String(facts['taskId']));
    const mute = tasks.filter((task) => !reported.includes(task.id));
    expect(
      mute.flatMap(({ files }) => files.map(({ reason }) => reason)).filter((reason) => reason !== 'superseded'),
    ).toEqual([]);
    const own = tasks.filter((task) => !mute.includes(task));
    expect(reported.toSorted(), `reports of action ${id}`).toEqual(own.map((task) => task.id).toSorted());
  }
}

/** One quarantine makes it and at most one restore uses it up. */
function everyVaultObjectUsedOnce(endings: readonly Ending[]): void {
  for (const verb of ['quarantine', 'restore'] as const) {
    const objects = endings.filter((one) => one.verb === verb && one.outcome === 'done').map((one) => one.vaultObject);
    expect(objects).not.toContain(null);
    expect(new Set(objects).size, `each ${verb} has a vault object of its own`).toBe(objects.length);
  }
}

/** At its place or in the vault, never in both, never in neither; and as often taken as the records say. */
async function isInOnePlace({ client }: World, pawn: Pawn, endings: readonly Ending[]): Promise<void> {
  const own = endings.filter(({ endpointId, path }) => endpointId === pawn.agent.id && path === pawn.path);
  const done = (verb: string) => own.filter((one) => one.verb === verb && one.outcome === 'done').length;
  const { items } = await client.listQuarantine({ endpointId: [pawn.agent.id], limit: 1_000 });
  const records = items.filter(({ path }) => path === pawn.path);
  const held = records.filter(({ state }) => state === 'held').length;
  const isThere = existsSync(pawn.path);
  const facts = { isThere, held, taken: records.length, balance: done('quarantine') - done('restore') };
  const expected = { isThere, held: isThere ? 0 : 1, taken: done('quarantine'), balance: isThere ? 0 : 1 };
  expect({ path: pawn.path, ...facts }).toEqual({ path: pawn.path, ...expected });
  if (isThere) {
    expect(readFileSync(pawn.path).equals(pawn.bytes)).toBe(true);
    return;
  }
  const restored = await client.waitForAction(
    (await client.restoreFile({ endpointId: pawn.agent.id, sha256: pawn.sha256 })).id,
    { timeout: 20_000 },
  );
  expect(restored.status).toBe('completed_successfully');
  expect(readFileSync(pawn.path).equals(pawn.bytes)).toBe(true);
}

async function vaultsHoldWhatTheServerKnows({ client, agents }: World): Promise<void> {
  for (const agent of agents) {
    const { items } = await client.listQuarantine({ endpointId: [agent.id], state: ['held'], limit: 1_000 });
    const objects = readdirSync(join(agent.data, 'vault')).filter((name) => name.endsWith('.age'));
    expect(objects.toSorted()).toEqual(items.map(({ vaultObject }) => `${vaultObject}.age`).toSorted());
  }
}

async function evidenceIsRight({ client }: World, pawns: readonly Pawn[], ending: Ending): Promise<void> {
  const pawn = pawns.find(({ agent, path }) => agent.id === ending.endpointId && path === ending.path);
  const { actionId, taskId, ordinal } = ending;
  const { body } = await client.downloadFile({ actionId, taskId, ordinal });
  const bytes = Buffer.from(await new Response(body).arrayBuffer());
  expect(pawn !== undefined && bytes.equals(pawn.bytes), `evidence of ${ending.path}`).toBe(true);
}
