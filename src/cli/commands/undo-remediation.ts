import type { Command } from 'commander';
import { ApiError } from '#sdk/api-error.ts';
import type { Client } from '#sdk/client.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import { mayWait, type WaitOptions } from '../action-result.ts';
import { awaitAction } from '../await-action.ts';
import { CommandFailure } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { few } from '../held-actions.ts';
import { occupiedOption, occupiedPolicyOf } from '../occupied-option.ts';
import { table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface UndoOptions extends ServerOptions, WaitOptions {
  readonly ifOccupied: string;
  readonly reason?: string;
  readonly allow?: boolean;
}

type Undone = Awaited<ReturnType<Client['undoRemediation']>>;
type Row = Undone['rows'][number];

const millisecondsPerSecond = 1_000;

/** `remediation undo`. */
export function addUndoRemediationCommand(remediation: Command, context: Context): void {
  const command = remediation
    .command('undo')
    .description('take every quarantine of a remediation back: each file that they took goes to where it was')
    .argument('<id>', 'the remediation')
    .addOption(occupiedOption())
    .option('--allow', 'put the hashes of what was taken on the allow list, where they are blocked')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((id: string, options: UndoOptions) =>
    withClient(context, options, async (client) => {
      const { reason, allow = false } = options;
      const undone = await client.undoRemediation(id, { ifOccupied: occupiedPolicyOf(options), allow, reason });
      const ended = options.wait ? await ends(context, options, { client, undone }) : undefined;
      await showUndone(context, options, { undone, ended });
      demandAll(undone, ended ?? []);
    }),
  );
}

/** Of those that had not ended in time, how they stand. */
async function ends(
  context: Context,
  options: UndoOptions,
  { client, undone }: { readonly client: Client; readonly undone: Undone },
): Promise<readonly ActionWithTasks[]> {
  let timeout = options.timeout * millisecondsPerSecond;
  const actions: ActionWithTasks[] = [];
  for (const id of new Set(undone.rows.flatMap(({ undo }) => undo ?? []))) {
    try {
      actions.push(await awaitAction(context, options, { client, id, timeout }));
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.code === 'timeout')) {
        throw thrown;
      }
      actions.push(await client.readAction(id));
      timeout = 0;
    }
  }
  return actions;
}

interface Result {
  readonly undone: Undone;
  /** Undefined where nobody waited. */
  readonly ended: readonly ActionWithTasks[] | undefined;
}

async function showUndone(context: Context, options: UndoOptions, { undone, ended }: Result): Promise<void> {
  const statuses = new Map((ended ?? []).map(({ id, status }) => [id, status]));
  const text = table(undone.rows, {
    REMEDY: (row) => row.remedy,
    RESULT: (row) => row.result,
    MACHINE: (row) => row.machine,
    TARGET: (row) => row.target,
    ACTION: (row) => row.actionId,
    UNDO: (row) => row.undo,
    ...(ended !== undefined && { STATUS: ({ undo }: Row) => (undo === null ? null : (statuses.get(undo) ?? null)) }),
    WHY: (row) => row.kept?.message ?? removedText(row),
  });
  await show(context, options, { json: ended === undefined ? undone : { ...undone, undos: ended }, text });
  if (ended === undefined && undone.rows.some(({ undo }) => undo !== null)) {
    say(
      context,
      '"custody actions show UNDO --wait" says how far each is; endpoints that are away follow when they return.',
    );
  }
}

function removedText({ removed }: Row): string | null {
  return removed === 0
    ? null
    : `${few(removed, 'endpoint')} with what it took, removed since: no order reaches the vault.`;
}

type Reason = NonNullable<Row['kept']>['reason'];

/** Why a quarantine that was to be undone there is not; null: there was none to undo. */
const failureWords: Readonly<Record<Reason, string | null>> = {
  blocked: 'a hash of it is blocked',
  removed: 'its endpoint was removed',
  nothing_taken: null,
  not_a_quarantine: null,
  not_ordered: null,
  listed: null,
};

function demandAll({ rows }: Undone, ended: readonly ActionWithTasks[]): void {
  const left = rows.flatMap(({ kept, removed }) => {
    const reason = removed > 0 ? 'removed' : kept?.reason;
    return (reason === undefined ? null : failureWords[reason]) ?? [];
  });
  const reasons = [...Map.groupBy(left, (words) => words)].map(([words, { length }]) => `${words} (${length})`);
  const failed = ended.filter(({ status }) => status !== 'completed_successfully');
  const sentences = [
    ...(left.length === 0
      ? []
      : [`${few(left.length, 'quarantine')} could not be undone: ${reasons.join(', ')}; the result says more.`]),
    ...failed.map(({ id, status }) => `Action ${id} is ${status}.`),
  ];
  if (sentences.length > 0) {
    throw new CommandFailure(sentences.join(' '));
  }
}
