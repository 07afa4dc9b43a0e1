import type { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { type Context, type OutputOptions, say, show, type TextPart } from '../context.ts';
import type { BackupFacts, RestoredBackup } from '../programs.ts';
import { facts, table } from '../table.ts';
import { sourcesOf, withSettings } from './server.ts';

interface BackupCommandOptions extends OutputOptions {
  readonly listEvidence?: boolean;
}

interface RestoreOptions extends OutputOptions {
  readonly revokeKeys?: boolean;
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
    await show(context, options, { json: made, text: factsText(made) });
  });
  const restore = withSettings(
    backup
      .command('restore')
      .description('bring a backup back, into an empty data directory')
      .argument('<file>', 'the backup')
      .option('--revoke-keys', 'delete every API key in it: what was deleted since it was made would be good again'),
  ).option('--json', 'print the result as JSON');
  restore.action(async (file: string, options: RestoreOptions) => {
    const revokesKeys = options.revokeKeys === true;
    const sources = sourcesOf(restore, context);
    const restored = await context.programs.restoreBackup({ sources, file, revokesKeys });
    await show(context, options, { json: restored, text: restoredText(restored) });
    say(
      context,
      'Sessions and enrolment tokens ended. Keys, passwords and roles are those of the backup: whoever lost',
    );
    say(context, 'one since has it again. Delete such keys (custody key delete ID) and expire such passwords now.');
  });
}

function restoredText({ keys, users, ...others }: RestoredBackup): readonly TextPart[] {
  const keyTable = table(keys, {
    KEY: (key) => key.id,
    ROLE: (key) => key.role,
    NAME: (key) => key.name,
    CREATED: (key) => key.createdAt,
    BY: (key) => key.createdBy,
  });
  const userTable = table(users, {
    USER: (user) => user.email,
    ROLE: (user) => user.role,
    'PASSWORD OF': (user) => user.passwordChangedAt,
    'SECOND FACTOR': (user) => user.hasSecondFactor,
  });
  return [factsText(others), keyTable, userTable];
}

function factsText(made: BackupFacts): string {
  const cells = Object.entries(made).map(([name, fact]) => [name, typeof fact === 'object' ? fact.join(', ') : fact]);
  return facts(Object.fromEntries(cells));
}
