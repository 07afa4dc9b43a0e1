import type { Command } from 'commander';
import { ApiError } from '#sdk/api-error.ts';
import type { Client } from '#sdk/client.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import { showActions, type WaitOptions } from '../action-result.ts';
import { awaitAction } from '../await-action.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { durationOption } from '../duration.ts';
import { safeText } from '../safe-text.ts';
import { hitsOf, hitTable, notesOf } from '../search-hits.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

type Order = Parameters<Client['startSearch']>[0];
type Pattern = Order['pattern'];

interface SearchOptions extends ServerOptions, WaitOptions {
  readonly sha256?: string;
  readonly sha1?: string;
  readonly md5?: string;
  readonly path?: string;
  readonly glob?: string;
  readonly regex?: string;
  readonly live?: boolean;
  readonly under?: string;
  readonly endpoint: readonly string[];
  readonly limit?: number;
  readonly incident?: string;
}

const millisecondsPerSecond = 1_000;

/** `search`. */
export function addSearchCommand(program: Command, context: Context): void {
  const command = program
    .command('search')
    .description('have endpoints search for files, in their indexes or on their disks, and list what they find')
    .option('--sha256 <HASH>', 'files with this SHA-256')
    .option('--sha1 <HASH>', 'files with this SHA-1')
    .option('--md5 <HASH>', 'files with this MD5')
    .option('--path <PATH>', 'the file with this path')
    .option('--glob <GLOB>', 'files whose path matches: * within a component, ** across them, ?, [...]')
    .option('--regex <REGEX>', 'files whose path matches this regular expression')
    .option('--live', 'walk the file systems now, instead of asking the indexes')
    .option('--under <DIR>', "where a live search begins; without it at the agents' roots")
    .requiredOption('--endpoint <ID...>', 'on these endpoints; `all` for every one')
    .option('--limit <N>', 'most files per endpoint', parseWholeNumber)
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--no-wait', 'only start it; `actions show` tells of the hits')
    .addOption(durationOption('--timeout <DURATION>', 'how long to wait', '5m'));
  speaksToServer(command).action((options: SearchOptions) =>
    withClient(context, options, async (client) => {
      const { id } = await client.startSearch(orderFor(options));
      if (options.wait === false) {
        await showActions(context, { client, ids: [id] }, options);
      } else {
        await showHits(context, { client, id }, options);
      }
    }),
  );
}

function orderFor(options: SearchOptions): Order {
  const { live = false, under, endpoint, limit, incident: incidentId } = options;
  const [pattern, ...others] = patternsOf(options);
  if (pattern === undefined || others.length > 0) {
    throw new UsageError('search takes one of --sha256, --sha1, --md5, --path, --glob and --regex.');
  }
  return { endpointIds: endpoint.includes('all') ? 'all' : [...endpoint], pattern, live, under, limit, incidentId };
}

function patternsOf({ sha256, sha1, md5, path, glob, regex }: SearchOptions): readonly Pattern[] {
  const given: readonly (Pattern | undefined)[] = [
    sha256 === undefined ? undefined : { by: 'sha256', sha256 },
    sha1 === undefined ? undefined : { by: 'sha1', sha1 },
    md5 === undefined ? undefined : { by: 'md5', md5 },
    path === undefined ? undefined : { by: 'path', path },
    glob === undefined ? undefined : { by: 'glob', glob },
    regex === undefined ? undefined : { by: 'regex', regex },
  ];
  return given.filter((pattern) => pattern !== undefined);
}

/** @throws CommandFailure when not every endpoint could search. */
async function showHits(
  context: Context,
  { client, id }: { readonly client: Client; readonly id: string },
  options: SearchOptions,
): Promise<void> {
  const action = await endedOrLate(context, { client, id }, options);
  const hits = hitsOf(action);
  const notes = notesOf(action);
  await show(context, options, { json: { id, status: action.status, hits, notes }, text: hitTable(hits) });
  for (const note of notes) {
    say(context, safeText(note));
  }
  const unanswered = action.tasks.filter((task) => task.endedAt === null).length;
  if (unanswered > 0) {
    const who = unanswered === 1 ? '1 endpoint has' : `${unanswered} endpoints have`;
    throw new CommandFailure(`${who} not answered yet; "custody actions show ${id}" tells of what comes later.`);
  }
  if (action.status !== 'completed_successfully') {
    throw new CommandFailure(`Action ${id} ended as ${action.status}.`);
  }
}

/** One endpoint that is off must not keep back what the others have found. */
async function endedOrLate(
  context: Context,
  { client, id }: { readonly client: Client; readonly id: string },
  options: SearchOptions,
): Promise<ActionWithTasks> {
  try {
    return await awaitAction(context, options, { client, id, timeout: options.timeout * millisecondsPerSecond });
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'timeout') {
      return await client.readAction(id);
    }
    throw thrown;
  }
}
