import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import { type Context, say, show } from '../context.ts';
import { newPassword, readPassword } from '../password.ts';
import { table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface CreateOptions extends ServerOptions {
  readonly email: string;
  readonly role: (typeof choices.roles)[number];
  readonly passwordStdin?: boolean;
}

/** `user create`, `user list`. */
export function addUserCommands(program: Command, context: Context): void {
  const user = program.command('user').description('people who can log in');
  speaksToServer(user.command('create').description('add someone who can log in'))
    .requiredOption('--email <EMAIL>', 'address to log in with')
    .addOption(new Option('--role <ROLE>', 'what they may do').choices(choices.roles).makeOptionMandatory())
    .option('--password-stdin', 'read the password from standard input instead of making one')
    .action((options: CreateOptions) => create(context, options));
  speaksToServer(user.command('list').description('list users')).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const listing = await client.listUsers();
      const text = table(listing.items, {
        EMAIL: (item) => item.email,
        ROLE: (item) => item.role,
        CREATED: (item) => item.createdAt,
        ID: (item) => item.id,
      });
      await show(context, options, { json: listing, text });
    }),
  );
}

async function create(context: Context, options: CreateOptions): Promise<void> {
  const { email, role, passwordStdin = false } = options;
  const password = passwordStdin ? await readPassword(context.io) : newPassword();
  const created = await withClient(context, options, (client) => client.createUser({ email, password, role }));
  if (passwordStdin) {
    say(context, `${created.email} can log in.`);
    await show(context, options, { json: created, text: `${created.id}\n` });
    return;
  }
  say(context, `${created.email} can log in with this password. It is shown this once.`);
  await show(context, options, { json: { ...created, password }, text: `${password}\n` });
}
