import { Command, CommanderError } from 'commander';
import { CommandFailure, isInterrupt, UsageError } from './command-error.ts';
import type { CommandIo } from './command-io.ts';
import { finishCommands, termOf } from './command-tree.ts';
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
  const speech = quietable(io);
  const program = commandLine({ programs, io: speech.io }, adders, {
    writeOut: (text) => printed.push(io.out(text)),
    writeErr: (text) => io.err(text),
  });
  program.hook('preAction', (_, command) => speech.setQuiet(command.opts()['quiet'] === true));
  const code = await codeOf(io, () => program.parseAsync(words.map(shieldGuid), { from: 'user' }));
  // Help is printed by the way: that nobody reads it is found out only here.
  const unread = await codeOf(io, () => Promise.all(printed));
  return unread === 0 ? code : unread;
}

async function codeOf(io: CommandIo, work: () => Promise<unknown>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    return report(io, error);
  }
}

/** The same streams, of which a command's words for people can be turned off; the report of an error is none of them. */
function quietable(io: CommandIo): { readonly io: CommandIo; setQuiet(quiet: boolean): void } {
  let isQuiet = false;
  const { environment, terminal, ask } = io;
  return {
    io: {
      ...{ environment, terminal, ask },
      out: (chunk) => io.out(chunk),
      err(text) {
        if (!isQuiet) {
          io.err(text);
        }
      },
      readInput: () => io.readInput(),
    },
    setQuiet(quiet) {
      isQuiet = quiet;
    },
  };
}

interface Output {
  writeOut(text: string): void;
  writeErr(text: string): void;
}

const exitCodes = `
Exit codes:
  0    It worked; with --wait, on every endpoint and for every file.
  1    It did not work, or not wholly: what did is in the result, and standard error says why.
  2    The command line is wrong, or a value in it; nothing was done.
  130  Ctrl-C. What was ordered goes on: "custody actions list" shows it.
"agent status" has codes of its own; its --help lists them.

"custody COMMAND --help" has examples. "custody completion bash" (zsh, fish) makes your shell complete commands.`;

/** Every command; the settings made first are inherited by those that are added then. */
function commandLine(context: Context, adders: readonly Adder[], output: Output): Command {
  const program = new Command('custody')
    .description('Open, self-hosted endpoint file response: fetch, quarantine and restore files across a fleet.')
    .configureOutput(output)
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText('after', exitCodes)
    .showHelpAfterError('(--help says what there is)')
    .enablePositionalOptions()
    .exitOverride();
  for (const add of adders) {
    add(program, context);
  }
  finishCommands(program);
  return program;
}

function report(io: CommandIo, error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : 2;
  }
  if (isClosedPipe(error)) {
    return closedPipe;
  }
  if (isInterrupt(error)) {
    return interrupted;
  }
  io.err(`custody: ${safeText(error instanceof Error ? error.message : String(error))}\n`);
  if (error instanceof CommandFailure) {
    return error.exitCode;
  }
  return isUsage(error) ? 2 : 1;
}

/** What a shell says of a program whose reader had enough, as `head` has: 128 and the number of SIGPIPE. */
const closedPipe = 141;

/** The same of a program that Ctrl-C ended, whose SIGINT has the number 2. */
const interrupted = 130;

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** A server's word that a value is wrong counts as bad usage too: it was given on the command line. */
function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) {
    return true;
  }
  return error instanceof Error && 'code' in error && error.code === 'invalid_request';
}
