import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import type { CustodyEvent } from '#sdk/follow-events.ts';
import { type Context, show } from '../context.ts';
import { safeJsonLine, safeText } from '../safe-text.ts';
import { table } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface FilterOptions extends ServerOptions {
  readonly type?: (typeof choices.eventTypes)[number];
  readonly action?: string;
  readonly endpoint?: string;
  readonly incident?: string;
  readonly by?: string;
}

interface ListOptions extends FilterOptions {
  readonly after: number;
  readonly before?: number;
  readonly newest?: true;
  readonly limit: number;
  readonly from?: string;
  readonly to?: string;
  readonly file?: string;
}

interface FollowOptions extends FilterOptions {
  readonly after?: number;
}

/** `event list`, `event follow`. */
export function addEventCommands(program: Command, context: Context): void {
  const event = program.command('event').description('who did what to which file, in order');
  filtered(event.command('list').description('list custody events'))
    .option('--after <N>', 'only later than this sequence number', parseWholeNumber, 0)
    .option('--before <N>', 'only earlier than this sequence number', parseWholeNumber)
    .option('--newest', 'the newest first, and not the oldest')
    .option('--limit <N>', 'how many to list, at most 1000', parseWholeNumber, 100)
    .option('--from <TIME>', 'only then or later, RFC 3339')
    .option('--to <TIME>', 'only then or earlier')
    .option('--file <GUID>', 'only of actions that told how this file ended')
    .action((options: ListOptions) => withClient(context, options, (client) => listEvents(context, options, client)));
  filtered(event.command('follow').description('print custody events as they happen, until Ctrl-C'))
    .option(
      '--after <N>',
      'begin with those later than this sequence number (default: with what comes)',
      parseWholeNumber,
    )
    .action((options: FollowOptions) =>
      withClient(context, { ...options, mustRun: true }, async (client) => {
        const { after } = options;
        const following = client.followEvents({ ...filterOf(options), ...(after !== undefined && { after }) });
        for await (const each of following) {
          await context.io.out(options.json === true ? safeJsonLine(each) : lineOf(each));
        }
      }),
    );
}

function filtered(command: Command): Command {
  return speaksToServer(command)
    .addOption(new Option('--type <TYPE>', 'only of this type').choices(choices.eventTypes))
    .option('--action <ID>', 'only of this action')
    .option('--endpoint <ID>', 'only of this endpoint')
    .option('--incident <ID>', 'only of this incident, and of what was ordered for it')
    .option('--by <NAME>', 'only what this user, key or machine did');
}

async function listEvents(context: Context, options: ListOptions, client: Client): Promise<void> {
  const { after, before, newest, limit, from, to, file } = options;
  const listing = await client.listEvents({
    ...{ after, limit },
    ...filterOf(options),
    ...(before !== undefined && { before }),
    ...(newest === true && { direction: 'descending' }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(file !== undefined && { file }),
  });
  const text = table(listing.items, {
    N: (item) => item.sequence,
    AT: (item) => item.at,
    EVENT: (item) => item.type,
    BY: (item) => `${item.actor.kind} ${item.actor.name}`,
    ACTION: (item) => item.actionId,
    FACTS: (item) => JSON.stringify(item.facts),
  });
  await show(context, options, { json: listing, text });
}

function filterOf({ type, action, endpoint, incident, by }: FilterOptions) {
  return {
    ...(type && { type: [type] }),
    ...(action !== undefined && { actionId: action }),
    ...(endpoint !== undefined && { endpointId: endpoint }),
    ...(incident !== undefined && { incidentId: incident }),
    ...(by !== undefined && { actor: by }),
  };
}

/** No column can be as wide as what has not happened yet. */
function lineOf({ sequence, at, type, actor, actionId, facts }: CustodyEvent): string {
  const action = actionId === null ? '' : `  action ${actionId}`;
  return `${safeText(`${sequence}  ${at}  ${type}  ${actor.kind} ${actor.name}${action}  ${JSON.stringify(facts)}`)}\n`;
}
