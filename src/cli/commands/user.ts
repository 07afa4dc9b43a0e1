import type { Command } from 'commander';
import { type Context, say, show } from '../context.ts';
import { newPassword, readPassword, readPasswords } from '../password.ts';
import { scopeOf, shownScope } from '../scope.ts';
import { table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addUserCareCommands } from './user-care.ts';

interface CreateOptions extends ServerOptions {
  readonly email: string;
  readonly role: string;
  readonly tag?: readonly string[];
  readonly passwordStdin?: boolean;
  readonly mustChange?: boolean;
}

interface LinkOptions extends ServerOptions {
  readonly subject: string;
}

/** `user create`, `list`, `password`, `expire-password`, `link`, `second-factor`, and what `user-care.ts` adds. */
export function addUserCommands(program: Command, context: Context): void {
  const user = program.command('user').description('people who can log in');
  speaksToServer(user.command('create').description('add someone who can log in'))
    .requiredOption('--email <EMAIL>', 'address to log in with')
    .requiredOption('--role <ROLE>', 'what they may do: a role of "role list"')
    .option('--tag <TAG...>', 'limit to endpoints with one of these tags (default: all endpoints)')
    .option('--password-stdin', 'read the password from standard input instead of making one')
    .option('--must-change', 'make them choose another password at their first log-in')
    .action((options: CreateOptions) => create(context, options));
  addOwnCommands(user, context);
  addUserCareCommands(user, context);
  speaksToServer(user.command('list').description('list users')).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const listing = await client.listUsers();
      const text = table(listing.items, {
        EMAIL: (item) => item.email,
        ROLE: (item) => item.role,
        TAGS: (item) => shownScope(item),
        STATE: (item) => (item.disabled ? 'disabled' : ''),
        CREATED: (item) => item.createdAt,
        ID: (item) => item.id,
      });
      await show(context, options, { json: listing, text });
    }),
  );
}

function addOwnCommands(user: Command, context: Context): void {
  speaksToServer(
    user
      .command('password')
      .description('change your own password: the old and the new one, a line each, from standard input'),
  ).action(async (options: ServerOptions) => {
    const [oldPassword, newPassword] = await readPasswords(context.io);
    await withClient(context, options, (client) => client.changePassword({ oldPassword, newPassword }));
    await show(context, options, { json: { changed: true }, text: '' });
  });
  speaksToServer(
    user
      .command('expire-password')
      .description('make somebody choose another password at the next log-in')
      .argument('<email>'),
  ).action((email: string, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      await client.expirePassword({ email });
      await show(context, options, { json: { email, expired: true }, text: '' });
    }),
  );
  speaksToServer(
    user
      .command('link')
      .description('say who somebody is at the identity provider; from then on they log in there, and nowhere else')
      .argument('<email>')
      .requiredOption('--subject <SUBJECT>', 'what the provider calls them; a refused log-in shows it'),
  ).action((email: string, options: LinkOptions) =>
    withClient(context, options, async (client) => {
      await client.linkUser({ email, subject: options.subject });
      await show(context, options, { json: { email, linked: true }, text: '' });
    }),
  );
  addSecondFactorCommands(user, context);
}

function addSecondFactorCommands(user: Command, context: Context): void {
  const factor = user.command('second-factor').description('codes of an authenticator application at every log-in');
  speaksToServer(
    factor.command('prepare').description('make a secret for your own account; it is shown this once'),
  ).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const made = await client.prepareSecondFactor();
      say(context, 'Enter it into the application, then: custody users second-factor confirm CODE');
      await show(context, options, { json: made, text: `${made.secret}\n${made.address}\n` });
    }),
  );
  speaksToServer(
    factor.command('confirm').description('show a first code; from then on every log-in needs one').argument('<code>'),
  ).action((code: string, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const { recoveryCodes } = await client.confirmSecondFactor({ code });
      say(context, 'Keep these recovery codes: each takes the place of a code, once. They are shown this once.');
      await show(context, options, { json: { active: true, recoveryCodes }, text: lines(recoveryCodes) });
    }),
  );
  speaksToServer(
    factor
      .command('recovery-codes')
      .description('make new recovery codes for your own account, for a code; the old ones count no more')
      .argument('<code>'),
  ).action((code: string, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const made = await client.renewRecoveryCodes({ code });
      say(context, 'Each takes the place of a code, once. They are shown this once.');
      await show(context, options, { json: made, text: lines(made.recoveryCodes) });
    }),
  );
  speaksToServer(
    factor.command('reset').description('take the second factor of somebody away').argument('<email>'),
  ).action((email: string, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      await client.resetSecondFactor({ email });
      await show(context, options, { json: { email, reset: true }, text: '' });
    }),
  );
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

async function create(context: Context, options: CreateOptions): Promise<void> {
  const { email, role, passwordStdin = false } = options;
  const password = passwordStdin ? await readPassword(context.io) : newPassword();
  const created = await withClient(context, options, (client) =>
    client.createUser({
      email,
      password,
      role,
      tags: scopeOf(options),
      mustChangePassword: options.mustChange ?? false,
    }),
  );
  if (passwordStdin) {
    say(context, `${created.email} can log in.`);
    await show(context, options, { json: created, text: `${created.id}\n` });
    return;
  }
  say(context, `${created.email} can log in with this password. It is shown this once.`);
  await show(context, options, { json: { ...created, password }, text: `${password}\n` });
}
