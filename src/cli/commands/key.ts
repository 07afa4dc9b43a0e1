import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { type Context, say, show } from '../context.ts';
import { parseDuration } from '../duration.ts';
import { scopeOf, shownScope } from '../scope.ts';
import { table } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface CreateOptions extends ServerOptions {
  readonly role: string;
  readonly tag?: readonly string[];
  readonly level: (typeof choices.keyLevels)[number];
  readonly name?: string;
  readonly comment?: string;
  /** Seconds. */
  readonly expires?: number;
  readonly from?: readonly string[];
}

const millisecondsPerSecond = 1_000;

/** `key create`, `key list`, `key delete`. */
export function addKeyCommands(program: Command, context: Context): void {
  const key = program.command('key').description('API keys');
  speaksToServer(key.command('create').description('make an API key'))
    .requiredOption('--role <ROLE>', 'what it may do: a role of "role list"')
    .addOption(new Option('--level <LEVEL>', 'how it signs').choices(choices.keyLevels).makeOptionMandatory())
    .option('--tag <TAG...>', 'limit to endpoints with one of these tags (default: all endpoints)')
    .option('--name <NAME>', 'what it is for')
    .option('--comment <TEXT>', 'what else should be known of it')
    .option('--expires <DURATION>', 'how long it works (default: for ever)', parseDuration)
    .option(
      '--from <ADDRESS...>',
      'addresses or ranges that it counts from, for example 192.0.2.0/24 (default: everywhere)',
    )
    .action((options: CreateOptions) =>
      withClient(context, options, async (client) => {
        const { role, level, name = '', comment = '', from = [] } = options;
        const expiresAt = await expiry(client, options.expires);
        const request = { role, tags: scopeOf(options), level, name, comment, expiresAt, addresses: [...from] };
        const created = await client.createKey(request);
        say(context, `Key ${created.id}, ${level}, ${role}. The secret after the colon is shown this once.`);
        await show(context, options, { json: created, text: `${created.id}:${created.secret}\n` });
      }),
    );
  speaksToServer(key.command('list').description('list keys, without their secrets')).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const listing = await client.listKeys();
      const text = table(listing.items, {
        ID: (item) => item.id,
        LEVEL: (item) => item.level,
        ROLE: (item) => item.role,
        TAGS: (item) => shownScope(item),
        NAME: (item) => item.name,
        COMMENT: (item) => item.comment,
        EXPIRES: (item) => item.expiresAt,
        FROM: (item) => item.addresses.join(' '),
        'LAST USED': (item) => item.lastUsedAt,
        BY: (item) => item.createdBy,
      });
      await show(context, options, { json: listing, text });
    }),
  );
  speaksToServer(
    key.command('delete').description('delete a key for good, at once').argument('<id>', '', parseWholeNumber),
  ).action((id: number, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      await client.deleteKey(id);
      await show(context, options, { json: { deleted: id }, text: `Key ${id} is deleted.\n` });
    }),
  );
}

/** By the server's clock, which will judge it. */
async function expiry(client: Client, seconds: number | undefined): Promise<string | null> {
  if (seconds === undefined) {
    return null;
  }
  const { time } = await client.readServer();
  return new Date(Date.parse(time) + seconds * millisecondsPerSecond).toISOString();
}
