import type { Command } from 'commander';
import { Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { CommandFailure } from '../command-error.ts';
import { type ConfirmOptions, confirm, yesOption } from '../confirm.ts';
import { type Context, say, show } from '../context.ts';
import { tellHeld } from '../held-actions.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface DecideOptions extends ServerOptions {
  readonly comment?: string;
  readonly expires?: string;
  readonly incident?: string;
  readonly reason?: string;
}

interface BlockOptions extends DecideOptions, ConfirmOptions {
  readonly prevent: boolean;
  readonly existing?: boolean;
}

interface ListOptions extends ServerOptions, PageOptions {
  readonly list?: (typeof choices.hashLists)[number];
  readonly contains?: string;
  readonly comment?: string;
  readonly by?: string;
  readonly prevent?: boolean;
  readonly expired?: boolean;
  readonly sort?: (typeof choices.listedHashOrders)[number];
  readonly ascending?: boolean;
}

/** `hash block`, `allow`, `forget`, `list`. */
export function addHashCommands(program: Command, context: Context): void {
  const hash = program.command('hash').description('which hashes are blocked and allowed');
  deciding(hash.command('block').description('quarantine every new file with one of these hashes'))
    .option('--no-prevent', 'only remember that they are bad, and touch nothing')
    .option('--existing', 'quarantine the copies that are there already, too')
    .option(...yesOption)
    .action((hashes: string[], options: BlockOptions) =>
      withClient(context, options, (client) => decide(context, options, { client, hashes, list: 'block' })),
    );
  deciding(hash.command('allow').description('leave files with these hashes where they are')).action(
    (hashes: string[], options: DecideOptions) =>
      withClient(context, options, (client) => decide(context, options, { client, hashes, list: 'allow' })),
  );
  speaksToServer(hash.command('forget').description('take hashes off the lists').argument('<hash...>')).action(
    (hashes: string[], options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const { removed } = await client.forgetHashes({ hashes });
        say(context, `${removed.length} of ${hashes.length} were on a list.`);
        await show(context, options, { json: { removed }, text: removed.map((each) => `${each}\n`).join('') });
      }),
  );
  paged(speaksToServer(hash.command('list').description('list blocked and allowed hashes, newest first')))
    .addOption(new Option('--list <LIST>', 'only these').choices(choices.hashLists))
    .option('--contains <TEXT>', 'only hashes with these digits in them')
    .option('--comment <TEXT>', 'only with this in their comments')
    .option('--by <NAME>', 'only what somebody listed in whose name this is')
    .option('--prevent', 'only those of which new files are quarantined')
    .option('--no-prevent', 'only those of which nothing is touched')
    .option('--expired', 'those whose time is over, too')
    .addOption(new Option('--sort <BY>', 'in this order instead of by age').choices(choices.listedHashOrders))
    .option('--ascending', 'the other way round')
    .action((options: ListOptions) => withClient(context, options, (client) => list(context, options, client)));
}

function deciding(command: Command): Command {
  return speaksToServer(command.argument('<hash...>', 'SHA-256, SHA-1 or MD5 in hex'))
    .option('--comment <TEXT>', 'why')
    .option('--expires <TIME>', 'until when, RFC 3339')
    .option('--incident <ID>', 'incident to keep with it')
    .option('--reason <TEXT>', 'why, for the record: kept with the quarantines that are ordered, too');
}

interface Decision {
  readonly client: Client;
  readonly hashes: string[];
  readonly list: 'block' | 'allow';
}

async function decide(
  context: Context,
  options: DecideOptions & Partial<BlockOptions>,
  { client, hashes, list: onto }: Decision,
): Promise<void> {
  const { comment, expires, incident, reason, prevent = true, existing = false } = options;
  if (existing) {
    await confirm(context, options, 'Every copy of these hashes is taken into the vault of its endpoint, everywhere.');
  }
  const done = await client.listHashes({
    ...{ hashes, list: onto, prevent: onto === 'block' && prevent, quarantineExisting: existing },
    ...(comment !== undefined && { comment }),
    ...(expires !== undefined && { expiresAt: expires }),
    ...(incident !== undefined && { incidentId: incident }),
    reason,
  });
  await tellHeld(context, client, done.actions);
  for (const { message } of done.refused) {
    say(context, `Refused: ${message}`);
  }
  if (onto === 'block' && done.copiesCount > 0) {
    const idle = existing
      ? 'none of them is to be quarantined'
      : 'nothing happens to them (--existing quarantines them)';
    const fate =
      done.actions.length > 0 ? `their quarantine is ordered: ${done.actions.map(({ id }) => id).join(', ')}` : idle;
    say(context, `${done.copiesCount} files have these hashes now; ${fate}.`);
  }
  const text = table(done.listed, { HASH: (item) => item.hash, LIST: (item) => item.list });
  await show(context, options, { json: done, text });
  if (done.refused.length > 0) {
    throw new CommandFailure(
      `${done.refused.length} of ${hashes.length} hashes were refused; the others are on the list.`,
    );
  }
}

function list(context: Context, options: ListOptions, client: Client): Promise<void> {
  return showList(context, options, {
    page: (at) => client.findListedHashes({ ...at, ...filterOf(options) }),
    columns: {
      HASH: (item) => item.hash,
      LIST: (item) => item.list,
      PREVENT: (item) => (item.list === 'block' ? item.prevent : null),
      BY: (item) => item.listedBy.name,
      SINCE: (item) => item.listedAt,
      UNTIL: (item) => item.expiresAt,
      COMMENT: (item) => item.comment,
    },
  });
}

function filterOf(options: ListOptions): NonNullable<Parameters<Client['findListedHashes']>[0]> {
  const { list: only, contains, comment, by, prevent, expired = false, sort, ascending = false } = options;
  return {
    ...(only && { list: only }),
    ...(contains !== undefined && { hashContains: contains }),
    ...(comment !== undefined && { comment }),
    ...(by !== undefined && { listedBy: by }),
    ...(prevent !== undefined && { prevent: prevent ? 'true' : 'false' }),
    expired: expired ? 'true' : 'false',
    ...(sort && { order: sort }),
    direction: ascending ? 'ascending' : 'descending',
  };
}
