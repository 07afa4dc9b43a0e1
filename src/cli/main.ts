import { Command, CommanderError } from 'commander';
import { CommandFailure, UsageError } from './command-error.ts';
import type { CommandIo } from './command-io.ts';
import type { Context } from './context.ts';
import { processIo } from './process-io.ts';
import type { Programs } from './programs.ts';
import { safeText } from './safe-text.ts';
import { shieldGuid } from './shielded-guid.ts';

type Adder = (program: Command, context: Context) => void;

/** The agent's process lives for months: it holds no code of commands that it is not. */
async function addersFor(word: string | undefined): Promise<readonly Adder[]> {
  if (word === 'agent') {
    return [(await import('./commands/agent.ts')).addAgentCommands];
  }
  return (await import('./commands/all.ts')).adders;
}

/**
 * Runs one command. Results go to standard output and words to standard error.
 * @param words the command line without the program's own name.
 * @returns 0 only on success, 2 for bad usage, 1 or a code of the command's own otherwise; never rejects.
 */
export async function runCommandLine(
  words: readonly string[],
  programs: Programs,
  io: CommandIo = processIo,
): Promise<number> {
  const printed: Promise<void>[] = [];
  const adders = await addersFor(words[0]);
  const program = commandLine({ programs, io }, adders, (text) => printed.push(io.out(text)));
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
function commandLine(context: Context, adders: readonly Adder[], writeHelp: (text: string) => void): Command {
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
  if (error instanceof CommandFailure) {
    return error.exitCode;
  }
  return isUsage(error) ? 2 : 1;
}

/** A server's word that a value is wrong counts as bad usage too: it was given on the command line. */
function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) {
    return true;
  }
  return error instanceof Error && 'code' in error && error.code === 'invalid_request';
}
