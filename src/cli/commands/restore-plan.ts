import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { awaitAction } from '../await-action.ts';
import { UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { type Columns, facts, wholeTable } from '../table.ts';
import { vaultRecord } from '../vault-records.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface PlanOptions extends ServerOptions, WaitOptions {
  readonly sha256?: string;
  readonly object?: string;
  readonly endpoint?: string;
  readonly to?: string;
  readonly incident?: string;
  readonly reason?: string;
}

interface ReviewOptions extends ServerOptions, PageOptions {
  readonly finding?: readonly (typeof choices.restoreFindings)[number][];
}

interface RunOptions extends ServerOptions, WaitOptions {
  readonly digest: string;
  readonly ifOccupied: string;
  readonly ifParentMissing: string;
  readonly otherPath?: string;
  readonly allow?: boolean;
  readonly incident?: string;
  readonly reason?: string;
}

type Plan = Awaited<ReturnType<Client['readRestorePlan']>>;

const millisecondsPerSecond = 1_000;
const firstPage: PageOptions = { offset: 0, limit: 100 };

/** As people write them, with hyphens. */
const conflictWords = wordsOf(choices.conflictPolicies);
const parentWords = wordsOf(choices.parentPolicies);

function wordsOf<Word extends string>(words: readonly Word[]): ReadonlyMap<string, Word> {
  return new Map(words.map((word) => [word.replaceAll('_', '-'), word]));
}

/** `restore plan`, `restore review`, `restore run`. */
export function addRestorePlanCommands(restore: Command, context: Context): void {
  addPlan(restore, context);
  paged(
    speaksToServer(
      restore
        .command('review')
        .description('show what a plan has found so far, and its digest')
        .argument('<plan>')
        .addOption(new Option('--finding <FINDING...>', 'only these').choices(choices.restoreFindings)),
    ),
  ).action((id: string, options: ReviewOptions) =>
    withClient(context, options, (client) => review(context, options, { client, id })),
  );
  addRun(restore, context);
}

function addPlan(restore: Command, context: Context): void {
  const command = restore
    .command('plan')
    .description('ask endpoints what a restore would meet; nothing is changed anywhere')
    .option('--sha256 <HASH>', 'every copy with this SHA-256, on every endpoint that holds one')
    .option('--object <ID>', 'only this vault object, as `vault list` shows it')
    .option('--endpoint <ID>', 'only on this endpoint')
    .option('--to <PATH>', 'to this path instead of where it was; takes one copy of one endpoint')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((options: PlanOptions) =>
    withClient(context, options, async (client) => {
      const { to, incident: incidentId, reason } = options;
      const { id } = await client.planRestore({ ...(await subjectOf(client, options)), to, incidentId, reason });
      if (options.wait) {
        await awaitAction(context, options, { client, id, timeout: options.timeout * millisecondsPerSecond });
      }
      await review(context, { ...options, ...firstPage }, { client, id });
    }),
  );
}

async function subjectOf(client: Client, { sha256, object, endpoint: endpointId }: PlanOptions) {
  if ((sha256 === undefined) === (object === undefined)) {
    throw new UsageError('restore plan takes --sha256 or --object.');
  }
  if (object === undefined) {
    return { sha256: sha256 ?? '', endpointId };
  }
  const record = await vaultRecord(client, object);
  return { sha256: record.sha256, endpointId: endpointId ?? record.endpointId, vaultObject: object };
}

function addRun(restore: Command, context: Context): void {
  const command = restore
    .command('run')
    .description('restore just what a plan found')
    .argument('<plan>')
    .requiredOption('--digest <HEX>', 'what `restore review` says that the plan is: just that is done')
    .addOption(
      new Option('--if-occupied <HOW>', 'where something else has the name')
        .choices([...conflictWords.keys()])
        .default('fail'),
    )
    .addOption(
      new Option('--if-parent-missing <HOW>', 'where the directory, or its file system, is gone or another one')
        .choices([...parentWords.keys()])
        .default('fail'),
    )
    .option('--other-path <DIRECTORY>', 'where `other-path` puts files, on each endpoint')
    .option('--allow', 'put the hash on the allow list, where it is blocked')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((id: string, options: RunOptions) =>
    withClient(context, options, async (client) => {
      const { digest, otherPath, allow = false, incident: incidentId, reason } = options;
      const run = await client.runRestorePlan(id, {
        ...{ digest, otherPath, allow, incidentId, reason },
        ifOccupied: conflictWords.get(options.ifOccupied),
        ifParentMissing: parentWords.get(options.ifParentMissing),
      });
      say(context, `${run.objects} objects are ordered back; ${run.skipped} stay in their vaults.`);
      if (run.removed > 0) {
        say(context, `${run.removed} are on endpoints that were removed since: no order reaches them.`);
      }
      await showActions(context, { client, ids: [run.action.id] }, options);
    }),
  );
}

const columns: Columns<Awaited<ReturnType<Client['readRestorePlan']>>['items'][number]> = {
  ENDPOINT: (item) => item.hostName ?? item.endpointId,
  FINDING: (item) => item.finding,
  PATH: (item) => item.path,
  OBJECT: (item) => item.vaultObject,
  WHY: (item) => item.message,
};

async function review(
  context: Context,
  options: ReviewOptions,
  { client, id }: { readonly client: Client; readonly id: string },
): Promise<void> {
  const { offset, limit, finding } = options;
  const chosen = finding === undefined ? {} : { finding: [...finding] };
  if (options.allPages === true) {
    const page = (at: Pick<ReviewOptions, 'offset' | 'limit'>) => client.readRestorePlan(id, { ...at, ...chosen });
    await showList(context, options, { page, columns });
    return;
  }
  const plan = await client.readRestorePlan(id, { offset, limit, ...chosen });
  const objects = wholeTable(plan.items, columns);
  const unanswered = [...plan.waiting, ...plan.failed];
  const silent = wholeTable(unanswered, {
    'NO ANSWER FROM': (item) => item.hostName ?? item.endpointId,
    STATUS: (item) => item.status,
  });
  await show(context, options, {
    json: plan,
    text: [facts(headOf(plan)), objects, ...(unanswered.length > 0 ? [silent] : [])],
  });
  if (offset + plan.items.length < plan.total) {
    say(context, `${plan.items.length} of ${plan.total} shown; --offset ${offset + plan.items.length} goes on.`);
  }
}

function headOf({ actionId, sha256, digest, blockedBy, counts, waiting, failed }: Plan): Parameters<typeof facts>[0] {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  return {
    plan: actionId,
    sha256,
    ...Object.fromEntries(found.map(([finding, count]) => [finding.replaceAll('_', ' '), count])),
    waiting: waiting.length,
    'no answer': failed.length,
    ...(blockedBy !== null && { 'blocked by': `${blockedBy}: without --allow it would be quarantined again` }),
    digest,
  };
}
