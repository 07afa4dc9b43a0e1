import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import { awaitAction } from './await-action.ts';
import { CommandFailure } from './command-error.ts';
import { type Context, type OutputOptions, show, type TextPart } from './context.ts';
import { durationOption } from './duration.ts';
import { whyText } from './outcome-words.ts';
import { ringText } from './ring-text.ts';
import { type Cell, facts, table } from './table.ts';
import { takeBackText } from './take-back.ts';

export interface WaitOptions extends OutputOptions {
  readonly wait?: boolean;
  /** Set by a command: it says itself what did not succeed. */
  readonly partial?: boolean;
  /** Seconds. */
  readonly timeout: number;
}

const millisecondsPerSecond = 1_000;

export function mayWait(command: Command): Command {
  return command
    .option('--wait', 'wait for the end; the exit code is 0 only when every file succeeded')
    .addOption(durationOption('--timeout <DURATION>', 'how long to wait', '5m'));
}

/**
 * Prints actions, when asked once they have ended.
 * @throws CommandFailure when one was waited for and did not succeed wholly.
 */
export async function showActions(
  context: Context,
  { client, ids }: { readonly client: Client; readonly ids: readonly string[] },
  options: WaitOptions,
): Promise<readonly ActionWithTasks[]> {
  const timeout = options.timeout * millisecondsPerSecond;
  const actions: ActionWithTasks[] = [];
  for (const id of ids) {
    actions.push(await (options.wait ? awaitAction(context, options, { client, id, timeout }) : client.readAction(id)));
  }
  const json = actions.length === 1 ? actions[0] : actions;
  await show(context, options, { json, text: actions.flatMap(actionText) });
  const failed = actions.filter((action) => action.status !== 'completed_successfully');
  if (options.wait && options.partial !== true && failed.length > 0) {
    throw new CommandFailure(failed.map(({ id, status }) => `Action ${id} ended as ${status}.`).join(' '));
  }
  return actions;
}

function actionText(action: ActionWithTasks): readonly TextPart[] {
  const head = facts({
    action: action.id,
    verb: action.verb,
    status: action.status,
    ...undone(action),
    by: action.principal.name,
    ...(action.claimedInitiator !== null && { 'claimed by': action.claimedInitiator }),
    ...(action.reason !== null && { reason: action.reason }),
    created: action.createdAt,
    deadline: action.deadline,
    ...(action.incidentId !== null && { incident: action.incidentId }),
  });
  const rows = table(rowsOf(action), {
    ENDPOINT: (row) => row.endpoint,
    STATUS: (row) => row.status,
    ...(action.tasks.some(({ stop }) => stop !== null) && { STOP: (row: Row) => row.stop }),
    OUTCOME: (row) => row.outcome,
    PATH: (row) => row.path,
    WHY: (row) => row.why,
  });
  const takeBack = action.inverse === null ? [] : [takeBackText(action.inverse)];
  return [head, ...ringText(action), rows, ...takeBack];
}

function undone({ tasks }: ActionWithTasks): Readonly<Record<string, Cell>> {
  const [undoes] = tasks.flatMap((task) => task.undoes ?? []);
  return undoes === undefined ? {} : { undoes };
}

type Row = Readonly<Record<'endpoint' | 'status' | 'stop' | 'outcome' | 'path' | 'why', Cell>>;

/** A row per file that has ended, and, before the task has, per file that it names. */
function rowsOf(action: ActionWithTasks): readonly Row[] {
  return action.tasks.flatMap((task): readonly Row[] => {
    const stop = task.stop?.standing ?? null;
    const place = { endpoint: task.hostName ?? task.endpointId, status: task.status, stop };
    const settled = task.files.map((file) => ({
      ...place,
      ...{ outcome: file.outcome, path: file.path, why: whyText(file) },
    }));
    if (settled.length > 0 && task.endedAt !== null) {
      return settled;
    }
    const paths = task.paths.length > 0 ? task.paths : [task.sha256];
    const open = paths.map((path) => ({ ...place, outcome: null, path, why: task.waitsFor?.message ?? null }));
    return [...settled, ...open];
  });
}
