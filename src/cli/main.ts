import { Command, CommanderError } from 'commander';
import { CommandFailure, UsageError } from './command-error.ts';
import type { CommandIo } from './command-io.ts';
import { addAccessCommands } from './commands/access.ts';
import { addActionCommands } from './commands/action.ts';
import { addAgentCommands } from './commands/agent.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addEndpointCommands } from './commands/endpoint.ts';
import { addEventCommands } from './commands/event.ts';
import { addEvidenceCommands } from './commands/evidence.ts';
import { addFetchCommand } from './commands/fetch.ts';
import { addFileCommands } from './commands/file.ts';
import { addKeyCommands } from './commands/key.ts';
import { addQuarantineCommand } from './commands/quarantine.ts';
import { addRestoreCommand } from './commands/restore.ts';
import { addServerCommands } from './commands/server.ts';
import { addTokenCommands } from './commands/token.ts';
import { addUserCommands } from './commands/user.ts';
import { addVaultCommands } from './commands/vault.ts';
import type { Context } from './context.ts';
import { processIo } from './process-io.ts';
import type { Programs } from './programs.ts';
import { safeText } from './safe-text.ts';
import { shieldGuid } from './shielded-guid.ts';

/** In the order in which `--help` lists them. */
const adders: readonly ((program: Command, context: Context) => void)[] = [
  addServerCommands,
  addAgentCommands,
  addEndpointCommands,
  addFileCommands,
  addFetchCommand,
  addQuarantineCommand,
  addRestoreCommand,
  addActionCommands,
  addEvidenceCommands,
  addVaultCommands,
  addEventCommands,
  addTokenCommands,
  addUserCommands,
  addKeyCommands,
  addAccessCommands,
  addBackupCommands,
];

/**
 * Runs one command. Results go to standard output and words to standard error.
 * @param words the command line without the program's own name.
 * @returns 0 only on success, 2 for bad usage, 1 otherwise; never rejects.
 */
export async function runCommandLine(
  words: readonly string[],
  programs: Programs,
  io: CommandIo = processIo,
): Promise<number> {
  const printed: Promise<void>[] = [];
  const program = commandLine({ programs, io }, (text) => printed.push(io.out(text)));
  try {
    await program.parseAsync(words.map(shieldGuid), { from: 'user' });
    return 0;
  } catch (error) {
    return report(io, error);
  } finally {
    await Promise.all(printed);
  }
}

/** Every command; the settings made first are inherited by those that are added then. */
function commandLine(context: Context, writeHelp: (text: string) => void): Command {
  const program = new Command('custody')
    .description('Open, self-hosted endpoint file response: fetch, quarantine and restore files across a fleet.')
    .configureOutput({ writeOut: writeHelp, writeErr: (text) => context.io.err(text) })
    .showHelpAfterError('(--help says what there is)')
    .enablePositionalOptions()
    .exitOverride();
  for (const add of adders) {
    add(program, context);
  }
  return program;
}

function report(io: CommandIo, error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : 2;
  }
  io.err(`custody: ${safeText(error instanceof Error ? error.message : String(error))}\n`);
  return isUsage(error) ? 2 : 1;
}

/** A server's word that a value is wrong counts as bad usage too: it was given on the command line. */
function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) {
    return true;
  }
  const isPlain = error instanceof Error && !(error instanceof CommandFailure);
  return isPlain && 'code' in error && error.code === 'invalid_request';
}
