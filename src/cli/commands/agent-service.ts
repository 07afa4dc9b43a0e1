import { type Command, Option } from 'commander';
import type { AgentInstallation, AgentRemoval } from '../agent-programs.ts';
import { type Context, type OutputOptions, show } from '../context.ts';

interface ServiceOptions extends OutputOptions {
  readonly data?: string;
  readonly root?: string;
  readonly dryRun?: boolean;
}

interface InstallOptions extends ServiceOptions {
  readonly program?: string;
}

interface UninstallOptions extends ServiceOptions {
  readonly restoreAll?: boolean;
  readonly keepVault?: boolean;
  readonly purgeVault?: boolean;
}

/** `agent install`, `agent uninstall`. */
export function addServiceCommands(agent: Command, context: Context): void {
  changesMachine(agent.command('install').description('have this machine run the agent at every start (systemd)'))
    .option('--program <FILE>', 'use this one-file executable where it is, instead of copying this one')
    .action((options: InstallOptions) => install(context, options));
  changesMachine(agent.command('uninstall').description('take the agent off this machine'))
    .addOption(choice('--restore-all', 'put every quarantined file back first', ['keepVault', 'purgeVault']))
    .addOption(choice('--keep-vault', 'leave the vault and its keys where they are', ['restoreAll', 'purgeVault']))
    .addOption(choice('--purge-vault', 'delete the quarantined files for good', ['restoreAll', 'keepVault']))
    .action((options: UninstallOptions) => uninstall(context, options));
}

function changesMachine(command: Command): Command {
  return command
    .option('--data <DIR>', 'directory of the agent (default: /var/lib/custody-agent)')
    .option('--root <DIR>', 'change the file system below this directory, an image for example, and start nothing')
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'print what was done as JSON');
}

function choice(flag: string, help: string, others: readonly string[]): Option {
  return new Option(flag, help).conflicts([...others]);
}

async function install(context: Context, options: InstallOptions): Promise<void> {
  const { program } = options;
  const done = await context.programs.service.install({
    ...placeOf(options),
    ...(program !== undefined && { program }),
  });
  await showDone(context, options, done);
}

async function uninstall(context: Context, options: UninstallOptions): Promise<void> {
  const vault = vaultChoice(options);
  const done = await context.programs.service.uninstall({ ...placeOf(options), ...(vault !== undefined && { vault }) });
  await showDone(context, options, done);
}

function placeOf({ data, root, dryRun = false }: ServiceOptions): AgentInstallation {
  return {
    ...(data !== undefined && { dataDirectory: data }),
    ...(root !== undefined && { root }),
    dryRun,
  };
}

function vaultChoice(options: UninstallOptions): AgentRemoval['vault'] {
  if (options.restoreAll === true) {
    return 'restore-all';
  }
  if (options.keepVault === true) {
    return 'keep-vault';
  }
  return options.purgeVault === true ? 'purge-vault' : undefined;
}

async function showDone(context: Context, options: ServiceOptions, done: readonly string[]): Promise<void> {
  const nothing = 'Everything is as it should be.\n';
  const text = done.length === 0 ? nothing : done.map((line) => `${line}\n`).join('');
  await show(context, options, { json: { done, dryRun: options.dryRun ?? false }, text });
}
