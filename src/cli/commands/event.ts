import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import { type Context, show } from '../context.ts';
import { table } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ListOptions extends ServerOptions {
  readonly after: number;
  readonly limit: number;
  readonly type?: (typeof choices.eventTypes)[number];
  readonly action?: string;
  readonly endpoint?: string;
  readonly by?: string;
  readonly from?: string;
  readonly to?: string;
}

/** `event list`. */
export function addEventCommands(program: Command, context: Context): void {
  const event = program.command('event').description('who did what to which file, in order');
  speaksToServer(event.command('list').description('list custody events'))
    .option('--after <N>', 'only later than this sequence number', parseWholeNumber, 0)
    .option('--limit <N>', 'how many to list, at most 1000', parseWholeNumber, 100)
    .addOption(new Option('--type <TYPE>', 'only of this type').choices(choices.eventTypes))
    .option('--action <ID>', 'only of this action')
    .option('--endpoint <ID>', 'only of this endpoint')
    .option('--by <NAME>', 'only what this user, key or machine did')
    .option('--from <TIME>', 'only then or later, RFC 3339')
    .option('--to <TIME>', 'only then or earlier')
    .action((options: ListOptions) =>
      withClient(context, options, async (client) => {
        const { after, limit, type, action, endpoint, by, from, to } = options;
        const listing = await client.listEvents({
          after,
          limit,
          ...(type && { type: [type] }),
          ...(action !== undefined && { actionId: action }),
          ...(endpoint !== undefined && { endpointId: endpoint }),
          ...(by !== undefined && { actor: by }),
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
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
      }),
    );
}
