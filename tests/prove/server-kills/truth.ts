import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { filesBelow, sha256 } from '#kit/disk.ts';
import { custody, runProgram } from '#kit/program.ts';
import { ApiError } from '#sdk/api-error.ts';
import type { Client } from '#sdk/client.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import type { Diary, Fleet, Pawn } from './fleet.ts';

type FileOutcome = ActionWithTasks['tasks'][number]['files'][number];

interface Ending extends FileOutcome {
  readonly verb: ActionWithTasks['verb'];
  readonly actionId: string;
  readonly endpointId: string;
}

export interface Orders {
  /** The actions whose start was acknowledged. */
  readonly acknowledged: readonly string[];
  /** How many orders had no answer, however often they were sent: each may have opened an action, and one at most. */
  readonly unanswered: number;
}

const page = 1_000;
const patience = 90_000;

/** Everything that is not as it must be, once every task has ended. The server answers, and all agents are connected. */
export async function untrueOf(fleet: Fleet, { acknowledged, unanswered }: Orders): Promise<readonly string[]> {
  const { client } = fleet.server;
  const { ended: actions, endless } = await everyAction(client);
  const ids = new Set<string>([...actions.map(({ id }) => id), ...endless]);
  const endings = actions.flatMap(endingsOf);
  const surplus = ids.size - new Set(acknowledged).size;
  return [
    ...acknowledged.filter((id) => !ids.has(id)).map((id) => `action ${id} was acknowledged and is lost`),
    ...(surplus > unanswered ? [`${surplus} actions that nobody ordered; ${unanswered} orders had no answer`] : []),
    ...endless.map((id) => `action ${id} does not end`),
    ...actions.flatMap(withoutEnd),
    ...endings.filter(isUnexpected).map((one) => `${one.verb} ${one.actionId} ended ${one.outcome}: ${one.message}`),
    ...(await reportedTwice(client, actions)),
    ...objectsUsedTwice(endings),
    ...(await vaultsUnlikeRecords(fleet)),
    ...(await Promise.all(fleet.pawns.map((pawn) => misplaced(client, pawn, endings)))).flat(),
    ...(await wrongEvidence(fleet, endings)),
    ...leftHalfDone(fleet),
    ...(await unlikeLedger(fleet)),
  ];
}

interface Actions {
  readonly ended: readonly ActionWithTasks[];
  /** The ids of those that were waited for in vain. */
  readonly endless: readonly string[];
}

async function everyAction(client: Client): Promise<Actions> {
  const ended: ActionWithTasks[] = [];
  const endless: string[] = [];
  for (let offset = 0, total = 1; offset < total; offset += page) {
    const listed = await client.listActions({ limit: page, offset });
    total = listed.total;
    for (const { id } of listed.items) {
      // Whoever waited for one in vain has waited long enough for all.
      const timeout = endless.length === 0 ? patience : 1;
      const action = await client.waitForAction(id, { timeout, longestPause: 200 }).catch(unlessLate);
      if (action === undefined) {
        endless.push(id);
      } else {
        ended.push(action);
      }
    }
  }
  return { ended, endless };
}

function unlessLate(thrown: unknown): undefined {
  if (!(thrown instanceof ApiError && thrown.code === 'timeout')) {
    throw thrown;
  }
}

function withoutEnd({ id, tasks }: ActionWithTasks): readonly string[] {
  return tasks
    .filter(({ files }) => files.length === 0)
    .map((task) => `task ${task.id} of ${id} does not say how it ended`);
}

function endingsOf({ id, verb, tasks }: ActionWithTasks): readonly Ending[] {
  return tasks.flatMap((task) =>
    task.files.map((file) => ({ ...file, verb, actionId: id, taskId: task.id, endpointId: task.endpointId })),
  );
}

/** A file that stands elsewhere at the time, and what a newer restore took back, are no failures. Everything else would be. */
function isUnexpected({ verb, outcome, reason }: Ending): boolean {
  if (outcome === 'cancelled') {
    return verb !== 'quarantine' || reason !== 'superseded';
  }
  const moves = ['done', 'already_done', 'not_found'];
  return !(verb === 'fetch' ? ['done'] : moves).includes(outcome);
}

/** Each task's end is recorded once, unless a newer order withdrew it before any agent had it. */
async function reportedTwice(client: Client, actions: readonly ActionWithTasks[]): Promise<readonly string[]> {
  const wrongs: string[] = [];
  for (const { id, tasks } of actions) {
    const { items } = await client.listEvents({ actionId: id, type: ['task_finished'], limit: page });
    for (const task of tasks) {
      const ends = items.filter(({ facts }) => facts['taskId'] === task.id).length;
      const isWithdrawn = task.files.every(({ reason }) => reason === 'superseded');
      if (ends > 1 || (ends === 0 && !isWithdrawn)) {
        wrongs.push(`task ${task.id} of ${id} ended ${ends} times`);
      }
    }
  }
  return wrongs;
}

/** One quarantine makes it and at most one restore uses it up. */
function objectsUsedTwice(endings: readonly Ending[]): readonly string[] {
  return (['quarantine', 'restore'] as const).flatMap((verb) => {
    const done = endings.filter((one) => one.verb === verb && one.outcome === 'done');
    const groups = Map.groupBy(done, ({ vaultObject }) => vaultObject);
    return [...groups]
      .filter(([, group]) => group.length > 1)
      .map(([id, group]) => `${group.length} times ${verb} ${id}`);
  });
}

async function vaultsUnlikeRecords({ server, agents }: Fleet): Promise<readonly string[]> {
  const wrongs: string[] = [];
  for (const { id, data } of agents) {
    const { items } = await server.client.listQuarantine({ endpointId: [id], state: ['held'], limit: page });
    const known = items.map(({ vaultObject }) => `${vaultObject}.age`).toSorted();
    const there = readdirSync(path.join(data, 'vault')).filter((name) => name.endsWith('.age'));
    if (there.toSorted().join() !== known.join()) {
      wrongs.push(`the vault of ${id} holds ${there.length} objects, and ${known.length} are known, or others`);
    }
  }
  return wrongs;
}

/** At its place or in the vault, never in both, never in neither; and as often taken as the records say. */
async function misplaced(client: Client, pawn: Pawn, endings: readonly Ending[]): Promise<readonly string[]> {
  const own = endings.filter(({ endpointId, path: place }) => endpointId === pawn.agent.id && place === pawn.path);
  const done = (verb: string) => own.filter((one) => one.verb === verb && one.outcome === 'done').length;
  const { items } = await client.listQuarantine({ endpointId: [pawn.agent.id], sha256: [pawn.sha256], limit: page });
  const held = items.filter(({ path: place, state }) => place === pawn.path && state === 'held').length;
  const isThere = existsSync(pawn.path);
  const balance = done('quarantine') - done('restore');
  const expected = isThere ? 0 : 1;
  return [
    ...(held === expected ? [] : [`${pawn.path} is ${isThere ? '' : 'not '}there, and ${held} of it are in the vault`]),
    ...(balance === expected ? [] : [`${pawn.path} was taken ${balance} times more than it was brought back`]),
    ...(isThere && !readFileSync(pawn.path).equals(pawn.bytes) ? [`${pawn.path} has other bytes`] : []),
  ];
}

/** What is given out has the hash that was told, and is something that the file has held. */
async function wrongEvidence({ server, diaries }: Fleet, endings: readonly Ending[]): Promise<readonly string[]> {
  const wrongs: string[] = [];
  for (const ending of endings.filter(({ verb, outcome }) => verb === 'fetch' && outcome === 'done')) {
    const { actionId, taskId, ordinal } = ending;
    const { body } = await server.client.downloadFile({ actionId, taskId, ordinal });
    const hash = sha256(new Uint8Array(await new Response(body).arrayBuffer()));
    const isKnown = diaries.some((diary: Diary) => diary.agent.id === ending.endpointId && diary.held.has(hash));
    if (hash !== ending.sha256 || !isKnown) {
      wrongs.push(`evidence of task ${taskId} is ${hash}, and was told to be ${ending.sha256}`);
    }
  }
  return wrongs;
}

function leftHalfDone({ server, agents }: Fleet): readonly string[] {
  const staged = filesBelow(path.join(server.data, 'evidence', 'staging'));
  const spooled = agents.flatMap(({ data }) => filesBelow(path.join(data, 'spool')));
  return [...staged, ...spooled].map((file) => `${file} is left`);
}

async function unlikeLedger({ server: { data }, settings }: Fleet): Promise<readonly string[]> {
  const { code, out, err } = await runProgram([custody, 'verify', '--server-data', data], {
    environment: settings,
  });
  return code === 0 ? [] : [`verify ended with ${code}: ${out}${err}`];
}
