import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import { UsageError } from '../command-error.ts';
import { type Context, show } from '../context.ts';
import { table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

type PermissionName = (typeof choices.permissions)[number];

interface CreateOptions extends ServerOptions {
  readonly permission?: PermissionName[];
}

interface ChangeOptions extends CreateOptions {
  readonly name?: string;
  readonly nothing?: boolean;
}

/** `role list`, `create`, `change`, `delete`. */
export function addRoleCommands(program: Command, context: Context): void {
  const role = program.command('role').description('what users and keys may do');
  speaksToServer(role.command('list').description('list the built-in roles and your own')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const listing = await client.listRoles();
        const text = table(listing.items, {
          NAME: (item) => item.name,
          KIND: (item) => (item.builtIn ? 'built-in' : 'custom'),
          PERMISSIONS: (item) => item.permissions.join(' '),
        });
        await show(context, options, { json: listing, text });
      }),
  );
  speaksToServer(role.command('create').description('make a role').argument('<name>'))
    .addOption(permissionOption('what it allows').makeOptionMandatory())
    .action((name: string, options: CreateOptions) =>
      withClient(context, options, async (client) => {
        const made = await client.createRole({ name, permissions: options.permission ?? [] });
        await show(context, options, { json: made, text: `The role ${made.name} is there.\n` });
      }),
    );
  speaksToServer(
    role.command('change').description('change a role for all who have it, at once').argument('<name>', 'as it is now'),
  )
    .addOption(permissionOption('all that it allows from now on'))
    .option('--nothing', 'it allows nothing from now on')
    .option('--name <NAME>', 'what it is called from now on')
    .action((former: string, options: ChangeOptions) => {
      const changes = changesOf(options);
      return withClient(context, options, async (client) => {
        const changed = await client.changeRole(former, changes);
        await show(context, options, { json: changed, text: `The role ${changed.name} is changed.\n` });
      });
    });
  speaksToServer(role.command('delete').description('delete a role that nobody has').argument('<name>')).action(
    (name: string, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        await client.deleteRole(name);
        await show(context, options, { json: { deleted: name }, text: `The role ${name} is deleted.\n` });
      }),
  );
}

function permissionOption(description: string): Option {
  return new Option('--permission <PERMISSION...>', description).choices(choices.permissions);
}

function changesOf({ name, permission, nothing = false }: ChangeOptions) {
  if (nothing && permission !== undefined) {
    throw new UsageError('--permission and --nothing exclude each other.');
  }
  const permissions = nothing ? [] : permission;
  if (name === undefined && permissions === undefined) {
    throw new UsageError('Say what to change: --permission, --nothing or --name.');
  }
  return { ...(name !== undefined && { name }), ...(permissions !== undefined && { permissions }) };
}
