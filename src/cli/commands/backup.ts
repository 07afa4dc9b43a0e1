import type { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { type Context, type OutputOptions, show } from '../context.ts';
import { facts } from '../table.ts';
import { sourcesOf, withSettings } from './server.ts';

interface BackupCommandOptions extends OutputOptions {
  readonly listEvidence?: boolean;
}

/** `backup FILE`, `backup restore FILE`. */
export function addBackupCommands(program: Command, context: Context): void {
  const backup = withSettings(
    program
      .command('backup')
      .description('keep everything that a server is in one file, while it runs or not')
      .argument('[file]', 'the file to make')
      .enablePositionalOptions()
      .option('--list-evidence', 'keep a list of the evidence instead of its bytes'),
  ).option('--json', 'print the result as JSON');
  backup.action(async (file: string | undefined, options: BackupCommandOptions) => {
    if (file === undefined) {
      throw new UsageError('backup takes the name of the file to make; `custody backup --help` says more.');
    }
    const withEvidence = options.listEvidence !== true;
    const made = await context.programs.backUp({ sources: sourcesOf(backup, context), file, withEvidence });
    await show(context, options, { json: made, text: facts(made) });
  });
  const restore = withSettings(
    backup
      .command('restore')
      .description('bring a backup back, into an empty data directory')
      .argument('<file>', 'the backup'),
  ).option('--json', 'print the result as JSON');
  restore.action(async (file: string, options: OutputOptions) => {
    const restored = await context.programs.restoreBackup({ sources: sourcesOf(restore, context), file });
    await show(context, options, { json: restored, text: facts(restored) });
  });
}
