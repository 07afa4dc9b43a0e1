import type { Command } from 'commander';
import { type Context, type OutputOptions, show } from '../context.ts';
import { facts } from '../table.ts';
import { sourcesOf, withSettings } from './server.ts';

interface DirectoryOptions extends OutputOptions {
  readonly dir: string;
}

interface InitOptions extends DirectoryOptions {
  readonly listen: string;
  readonly fromServer?: string;
  readonly orderKey?: string;
}

/** `signer init`, `signer run`, `signer rotate`, `rotate-order-key`. */
export function addSignerCommands(program: Command, context: Context): void {
  const signer = program.command('signer').description('sign orders in a process of its own, away from the server');
  addInit(signer, context);
  inDirectory(signer.command('run').description('sign for a server, until Ctrl-C')).action(
    async (options: DirectoryOptions) => {
      await context.programs.signer.run(options.dir);
      await show(context, options, { json: { stopped: true }, text: '' });
    },
  );
  inDirectory(signer.command('rotate').description('make a new order key, signed by the old one')).action(
    async (options: DirectoryOptions) => {
      const made = await context.programs.signer.rotate(options.dir);
      await show(context, options, { json: made, text: facts({ ...made }) });
    },
  );
  const local = withSettings(
    program
      .command('rotate-order-key')
      .description('make a new order key of a server that signs by itself; it may run, and agents follow'),
  ).option('--json', 'print the result as JSON');
  local.action(async (options: OutputOptions) => {
    const made = await context.programs.rotateOrderKey(sourcesOf(local, context));
    await show(context, options, { json: made, text: facts({ ...made }) });
  });
}

function addInit(signer: Command, context: Context): void {
  inDirectory(signer.command('init').description('make what a signer needs: its key, its policy, its certificates'))
    .requiredOption('--listen <WHERE>', 'where it will listen: unix:/PATH, or tls://HOST:PORT for another host')
    .option('--from-server <DIR>', 'move the order key out of this data directory, whose server is not running')
    .option('--order-key <FILE>', 'take the order key in this file, and leave the file where it is')
    .action(async ({ dir, listen, fromServer, orderKey, ...options }: InitOptions) => {
      const made = await context.programs.signer.init({ directory: dir, listen, fromServer, orderKey });
      const { serverIdentity, ...rest } = made;
      await show(context, options, {
        json: made,
        text: facts({ ...rest, ...(serverIdentity !== null && { 'bring to the server': serverIdentity }) }),
      });
    });
}

function inDirectory(command: Command): Command {
  return command
    .requiredOption('--dir <DIR>', 'the signer’s own directory')
    .option('--json', 'print the result as JSON');
}
