import path from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { type Context, show } from '../context.ts';
import { facts } from '../table.ts';
import { addServiceCommands } from './agent-service.ts';
import {
  listVault,
  type PlaceOptions,
  type RestoreByTokenOptions,
  rekeyVault,
  restoreByToken,
  showStatus,
  statusCodes,
  usualData,
} from './agent-status.ts';
import { addTrustCommand, collect, type ProxyFlags, proxyOf, throughProxy } from './agent-trust.ts';

interface EnrolOptions extends ProxyFlags {
  readonly server: readonly string[];
  readonly ca: string;
  readonly token: string;
  readonly data: string;
  readonly roots?: readonly string[];
}

interface RunOptions extends PlaceOptions {
  readonly roots?: readonly string[];
  readonly protect?: readonly string[];
  readonly withParent?: true;
}

/** `agent enroll`, `agent run`, `agent status`, `agent vault list`, `agent vault rekey`, `agent restore`, `agent trust`, `agent install`, `agent uninstall`. */
export function addAgentCommands(program: Command, context: Context): void {
  const agent = program.command('agent').description('the agent of this machine');
  addEnrolCommand(agent, context);
  addRunCommand(agent, context);
  atAgent(agent.command('status').description('say whether the agent of this machine works'))
    .addHelpText('after', `\nExit codes:\n${statusCodes}\n1  It could not be found out.`)
    .action((options: PlaceOptions) => showStatus(context, options));
  const vault = agent.command('vault').description('quarantined files on this machine');
  atAgent(vault.command('list'))
    .description('list what the vault of this machine holds, oldest first')
    .action((options: PlaceOptions) => listVault(context, options));
  atAgent(vault.command('rekey'))
    .description('lock the vault of this machine, whose agent is stopped, to a new key')
    .action((options: PlaceOptions) => rekeyVault(context, options));
  atAgent(agent.command('restore'))
    .description('restore files of this machine by a token that `custody restore --as-token` printed; needs no network')
    .requiredOption('--token <TOKEN>', 'the token, or - to read it from standard input')
    .action((options: RestoreByTokenOptions) => restoreByToken(context, options));
  addTrustCommand(agent, context);
  addServiceCommands(agent, context);
}

function addEnrolCommand(agent: Command, context: Context): void {
  throughProxy(agent.command('enroll').description('enrol this machine with a server'))
    .requiredOption('--server <URL>', 'the server, https://...; again for each other address of it', collect)
    .requiredOption('--ca <FILE>', 'authority that signed its certificate (PEM)')
    .requiredOption('--token <TOKEN>', 'enrolment token, or - to read it from standard input')
    .option('--data <DIR>', 'directory for the keys and the journal of this agent', usualData)
    .option(
      '--roots <A:B>',
      'directories to inventory, separated by colons (default: those of the last enrolment)',
      parseRoots,
    )
    .option('--json', 'print the result as JSON')
    .action((options: EnrolOptions) => enrol(context, options));
}

function addRunCommand(agent: Command, context: Context): void {
  atAgent(agent.command('run').description('run the agent, until Ctrl-C'))
    .option('--roots <A:B>', 'directories to inventory instead of those given at enrolment', parseRoots)
    .option('--protect <A:B>', 'more files and directories that no order may take away or hand out', parseRoots)
    .option('--with-parent', 'stop when standard input ends, as it does when the program that started this one is gone')
    .action(async (options: RunOptions) => {
      const { data: dataDirectory, roots, protect, policy, withParent = false } = options;
      await context.programs.runAgent({
        ...{ dataDirectory, stopWithInput: withParent },
        ...(roots !== undefined && { roots }),
        ...(protect !== undefined && { protect }),
        ...(policy !== undefined && { policy }),
      });
      await show(context, options, { json: { stopped: true }, text: '' });
    });
}

function atAgent(command: Command): Command {
  return command
    .option('--data <DIR>', 'directory of the agent', usualData)
    .option('--policy <FILE>', 'policy of this endpoint (default: /etc/custody/agent-policy.toml)')
    .option('--json', 'print the result as JSON');
}

async function enrol(context: Context, options: EnrolOptions): Promise<void> {
  const token = options.token === '-' ? (await context.io.readInput()).trim() : options.token;
  if (token === '') {
    throw new UsageError('Standard input held no enrolment token.');
  }
  const [server = '', ...otherServers] = options.server;
  const enrolled = await context.programs.enrolAgent({
    server,
    ...(otherServers.length > 0 && { otherServers }),
    caFile: options.ca,
    token,
    dataDirectory: options.data,
    ...(options.roots !== undefined && { roots: options.roots }),
    ...proxyOf(options),
  });
  const { endpointId, endpointNumber, roots, missingRoots } = enrolled;
  await show(context, options, {
    json: { endpointId, endpointNumber, roots, missingRoots },
    text: facts({
      endpoint: endpointId,
      number: endpointNumber,
      roots: roots.length === 0 ? 'none: no file is listed until the agent has --roots' : roots.join(' '),
      ...(missingRoots.length > 0 && { 'not here': missingRoots.join(' ') }),
    }),
  });
}

function parseRoots(text: string): readonly string[] {
  return text.split(path.delimiter).filter((root) => root !== '');
}
