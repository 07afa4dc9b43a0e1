import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { logInByBrowser } from '../browser-log-in.ts';
import { UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { readPassword, readPasswords } from '../password.ts';
import { facts } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface LogInOptions extends ServerOptions {
  readonly email?: string;
  readonly oidc?: boolean;
  readonly code?: string;
  readonly newPassword?: boolean;
}

type Session = Awaited<ReturnType<Client['logIn']>>;

/** `login`, `logout`, `whoami`. */
export function addAccessCommands(program: Command, context: Context): void {
  speaksToServer(program.command('login').description('open a session and print its token, for CUSTODY_TOKEN'))
    .option('--email <EMAIL>', 'who; the password is read from standard input')
    .option('--code <CODE>', 'of the second factor, where the account has one, or a recovery code')
    .option('--new-password', 'the second line of standard input is a new password, for one that has to be changed')
    .option('--oidc', 'through the identity provider of the server, in a browser on this machine')
    .action((options: LogInOptions) => logIn(context, options));
  speaksToServer(program.command('logout').description('end the session in CUSTODY_TOKEN')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        await client.logOut();
        await show(context, options, { json: { loggedOut: true }, text: '' });
      }),
  );
  speaksToServer(program.command('whoami').description('show who the server takes you for')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const me = await client.whoAmI();
        const { kind, name, role, tags, permissions } = me;
        await show(context, options, {
          json: me,
          text: facts({
            kind,
            name,
            role,
            endpoints: tags === null ? 'all' : `with one of the tags ${tags.join(', ')}`,
            may: permissions.join(', '),
          }),
        });
      }),
  );
}

async function logIn(context: Context, options: LogInOptions): Promise<void> {
  const { email, oidc = false } = options;
  if (oidc === (email !== undefined)) {
    throw new UsageError(
      'Say who logs in with --email EMAIL, or let the identity provider of the server say it with --oidc.',
    );
  }
  const session =
    email === undefined
      ? await logInByBrowser(context, options)
      : await logInByPassword(context, { ...options, email });
  say(context, `Good until ${session.expiresAt}.`);
  await show(context, options, { json: session, text: `${session.token}\n` });
}

async function logInByPassword(context: Context, options: LogInOptions & { readonly email: string }): Promise<Session> {
  const passwords = options.newPassword === true ? await readPasswords(context.io) : [await readPassword(context.io)];
  const [password = '', newPassword] = passwords;
  return withClient(context, options, (client) =>
    client.logIn({
      ...{ email: options.email, password },
      ...(options.code !== undefined && { code: options.code }),
      ...(newPassword !== undefined && { newPassword }),
    }),
  );
}
