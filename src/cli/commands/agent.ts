import type { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { type Context, type OutputOptions, show } from '../context.ts';
import { facts } from '../table.ts';

interface EnrolOptions extends OutputOptions {
  readonly server: string;
  readonly ca: string;
  readonly token: string;
  readonly data: string;
  readonly roots?: readonly string[];
}

interface RunOptions extends OutputOptions {
  readonly data: string;
  readonly roots?: readonly string[];
  readonly withParent?: true;
}

/** `agent enroll`, `agent run`. */
export function addAgentCommands(program: Command, context: Context): void {
  const agent = program.command('agent').description('the agent of this machine');
  agent
    .command('enroll')
    .description('enrol this machine with a server')
    .requiredOption('--server <URL>', 'the server, https://...')
    .requiredOption('--ca <FILE>', 'authority that signed its certificate (PEM)')
    .requiredOption('--token <TOKEN>', 'enrolment token, or - to read it from standard input')
    .requiredOption('--data <DIR>', 'directory for the keys and the journal of this agent')
    .option('--roots <A:B>', 'directories to inventory, separated by colons', parseRoots)
    .option('--json', 'print the result as JSON')
    .action((options: EnrolOptions) => enrol(context, options));
  agent
    .command('run')
    .description('run the agent, until Ctrl-C')
    .requiredOption('--data <DIR>', 'the directory given at enrolment')
    .option('--roots <A:B>', 'directories to inventory instead of those given at enrolment', parseRoots)
    .option('--with-parent', 'stop when standard input ends, as it does when the program that started this one is gone')
    .option('--json', 'say as JSON that it has stopped')
    .action(async (options: RunOptions) => {
      const { data: dataDirectory, roots, withParent = false } = options;
      await context.programs.runAgent({ dataDirectory, stopWithInput: withParent, ...(roots && { roots }) });
      await show(context, options, { json: { stopped: true }, text: '' });
    });
}

async function enrol(context: Context, options: EnrolOptions): Promise<void> {
  const token = options.token === '-' ? (await context.io.readInput()).trim() : options.token;
  if (token === '') {
    throw new UsageError('Standard input held no enrolment token.');
  }
  const enrolled = await context.programs.enrolAgent({
    server: options.server,
    caFile: options.ca,
    token,
    dataDirectory: options.data,
    roots: options.roots ?? [],
  });
  const { endpointId, endpointNumber } = enrolled;
  await show(context, options, {
    json: { endpointId, endpointNumber },
    text: facts({ endpoint: endpointId, number: endpointNumber }),
  });
}

function parseRoots(text: string): readonly string[] {
  return text.split(':').filter((root) => root !== '');
}
