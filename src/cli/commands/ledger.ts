import type { Command } from 'commander';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type Context, type OutputOptions, show } from '../context.ts';
import { safeText } from '../safe-text.ts';
import { facts } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface VerifyOptions extends OutputOptions {
  readonly serverData?: string;
  readonly checkpoint: readonly string[];
}

/** `ledger`, `verify`. */
export function addLedgerCommands(program: Command, context: Context): void {
  const ledger = program.command('ledger').description('the record of events as a Merkle log');
  speaksToServer(
    ledger
      .command('checkpoint')
      .description('print the newest signed checkpoint, to keep it elsewhere and verify with it later'),
  ).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const found = await client.readLedger();
      await show(context, options, { json: found, text: found.checkpoint });
    }),
  );
  speaksToServer(ledger.command('prove').description('prove that an event stands in the record'))
    .argument('<n>', 'its number, as `events list` prints it', parseWholeNumber)
    .action((sequence: number, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const proof = await client.proveEvent(sequence);
        const text = [proof.leaf, ...proof.inclusion, proof.checkpoint].join('\n');
        await show(context, options, { json: proof, text: safeLines(text) });
      }),
    );
  addVerify(program, context);
}

/** The lines of a proof, none of which a terminal acts on. */
function safeLines(text: string): string {
  return text
    .split('\n')
    .map((each) => `${safeText(each)}\n`)
    .join('');
}

function addVerify(program: Command, context: Context): void {
  program
    .command('verify')
    .description('check that the record of a server is the one that was written; the server may run or not')
    .option('--server-data <DIR>', 'the data directory of the server')
    .option('--checkpoint <FILE>', 'a checkpoint that was kept elsewhere; may be repeated', collect, [])
    .option('--json', 'print the result as JSON')
    .action(async (options: VerifyOptions) => {
      if (options.serverData === undefined) {
        throw new UsageError('verify takes --server-data DIR; `custody verify --help` says more.');
      }
      const { environment } = context.io;
      const verdict = await context.programs.verifyServer({
        sources: { flags: { data: options.serverData }, environment },
        checkpoints: options.checkpoint,
      });
      const { finding, ...read } = verdict;
      await show(context, options, {
        json: verdict,
        text: facts({ ...read, verdict: finding?.message ?? 'as it was written' }),
      });
      if (finding !== null) {
        throw new CommandFailure(`The record is not as it was written. ${finding.message}`);
      }
    });
}

function collect(file: string, files: readonly string[]): readonly string[] {
  return [...files, file];
}
