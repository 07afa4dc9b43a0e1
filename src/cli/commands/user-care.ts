import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { newPassword, readPassword } from '../password.ts';
import { table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ChangeOptions extends ServerOptions {
  readonly role?: string;
  readonly tag?: readonly string[];
  readonly allEndpoints?: boolean;
}

interface ResetOptions extends ServerOptions {
  readonly passwordStdin?: boolean;
}

interface EndOptions extends ServerOptions {
  readonly session?: string;
}

/** `user change`, `disable`, `enable`, `delete`, `reset-password`, `sessions`, `end-sessions`. */
export function addUserCareCommands(user: Command, context: Context): void {
  addChanges(user, context);
  addSessions(user, context);
  speaksToServer(
    user
      .command('reset-password')
      .description('give somebody another password, which they have to change at the next log-in')
      .argument('<email>'),
  )
    .option('--password-stdin', 'read the password from standard input instead of making one')
    .action(async (email: string, options: ResetOptions) => {
      const { passwordStdin = false } = options;
      const password = passwordStdin ? await readPassword(context.io) : newPassword();
      await withClient(context, options, (client) => client.resetPassword(email, { password }));
      say(context, `${email} can log in with ${passwordStdin ? 'it' : 'this password'}, to choose another.`);
      const shown = passwordStdin ? {} : { password };
      await show(context, options, {
        json: { email, reset: true, ...shown },
        text: passwordStdin ? '' : `${password}\n`,
      });
    });
}

function addChanges(user: Command, context: Context): void {
  speaksToServer(
    user.command('change').description('change what somebody may do; their sessions end').argument('<email>'),
  )
    .option('--role <ROLE>', 'what they may do: a role of "role list"')
    .option('--tag <TAG...>', 'limit to endpoints with one of these tags')
    .option('--all-endpoints', 'take the limit away')
    .action((email: string, options: ChangeOptions) => {
      const { role, tag, allEndpoints = false } = options;
      if (role === undefined && tag === undefined && !allEndpoints) {
        throw new UsageError('Say what to change: --role, --tag or --all-endpoints.');
      }
      if (tag !== undefined && allEndpoints) {
        throw new UsageError('--tag and --all-endpoints exclude each other.');
      }
      return withClient(context, options, async (client) => {
        const changed = await client.changeUser(email, {
          ...(role !== undefined && { role }),
          ...(tag !== undefined && { tags: [...tag] }),
          ...(allEndpoints && { tags: null }),
        });
        await show(context, options, { json: changed, text: `${changed.email} is ${changed.role}.\n` });
      });
    });
  const simple = (name: string, description: string, act: (client: Client, email: string) => Promise<unknown>) =>
    speaksToServer(user.command(name).description(description).argument('<email>')).action(
      (email: string, options: ServerOptions) =>
        withClient(context, options, async (client) => {
          await act(client, email);
          await show(context, options, { json: { email, [`${name}d`]: true }, text: `${email} is ${name}d.\n` });
        }),
    );
  simple('disable', 'let nobody log in as somebody until they are enabled; their sessions end', (client, email) =>
    client.changeUser(email, { disabled: true }),
  );
  simple('enable', 'let somebody log in again', (client, email) => client.changeUser(email, { disabled: false }));
  simple('delete', 'delete somebody for good; what they did stays under their name', (client, email) =>
    client.deleteUser(email),
  );
}

function addSessions(user: Command, context: Context): void {
  speaksToServer(
    user.command('sessions').description('show where you, or somebody else, are logged in').argument('[email]'),
  ).action((email: string | undefined, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const listing = await (email === undefined ? client.listOwnSessions() : client.listUserSessions(email));
      const text = table(listing.items, {
        ID: (item) => item.id,
        API: (item) => item.api,
        FROM: (item) => item.remoteAddress,
        OPENED: (item) => item.createdAt,
        USED: (item) => item.lastUsedAt,
        EXPIRES: (item) => item.expiresAt,
        CURRENT: (item) => (item.current ? 'yes' : ''),
      });
      await show(context, options, { json: listing, text });
    }),
  );
  speaksToServer(
    user
      .command('end-sessions')
      .description('end all sessions of somebody, or of yours all but this one, at once')
      .argument('[email]'),
  )
    .option('--session <ID>', 'only this one')
    .action((email: string | undefined, options: EndOptions) =>
      withClient(context, options, async (client) => {
        const query = options.session === undefined ? {} : { session: options.session };
        const ended = await (email === undefined ? client.endOwnSessions(query) : client.endUserSessions(email, query));
        await show(context, options, { json: ended, text: ended.ended.map((id) => `${id}\n`).join('') });
      }),
    );
}
