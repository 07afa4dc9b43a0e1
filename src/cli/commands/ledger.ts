import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type Context, type OutputOptions, show } from '../context.ts';
import { safeText } from '../safe-text.ts';
import { facts } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface VerifyOptions extends OutputOptions {
  readonly serverData?: string;
  readonly key?: string;
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
    .description('check a bundle, or the whole record of a server; needs no server that runs, and no network')
    .argument('[bundle]', 'a bundle, as `evidence export` saves it')
    .option('--key <KEY>', 'with a bundle: the key of the ledger as you got it by another way, or a file with it')
    .option('--server-data <DIR>', 'the data directory of a server, instead of a bundle')
    .option(
      '--checkpoint <FILE>',
      'with --server-data: a checkpoint that was kept elsewhere; may be repeated',
      collect,
      [],
    )
    .option('--json', 'print the result as JSON')
    .action((bundle: string | undefined, options: VerifyOptions) => {
      const { serverData, key, checkpoint } = options;
      if ((bundle === undefined) === (serverData === undefined)) {
        throw new UsageError('verify takes a bundle or --server-data DIR; `custody verify --help` says more.');
      }
      if (bundle === undefined ? key !== undefined : checkpoint.length > 0) {
        throw new UsageError('--key goes with a bundle, and --checkpoint with --server-data.');
      }
      return bundle === undefined ? verifyServer(context, options) : verifyBundle(context, { ...options, bundle });
    });
}

async function verifyServer(context: Context, options: VerifyOptions): Promise<void> {
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
}

async function verifyBundle(context: Context, options: VerifyOptions & { readonly bundle: string }): Promise<void> {
  const { bundle: file, key } = options;
  const verdict = await context.programs.verifyBundle({
    file,
    key: key === undefined ? undefined : await keyIn(key),
    // Not a flag: those show in process lists.
    password: context.io.environment['CUSTODY_BUNDLE_PASSWORD'] || undefined,
  });
  const { finding, ledger, keyIsGiven, ...read } = verdict;
  const text = facts({
    ...Object.fromEntries(Object.entries(read).map(([name, value]) => [wordsOfName(name), value ?? 'unknown'])),
    ledger: ledger === null ? 'unknown' : `${ledger.size} events, root ${ledger.root}`,
    key: ledger === null ? 'unknown' : `${ledger.key}${keyIsGiven ? '' : ' (as the bundle says: compare it)'}`,
    verdict: finding?.message ?? 'as it was exported',
  });
  await show(context, options, { json: verdict, text });
  if (finding !== null) {
    throw new CommandFailure(`The bundle is not as it was exported. ${finding.message}`);
  }
}

/** `exportedAt` becomes `exported at`. */
function wordsOfName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A key has plus signs; the name of a file that exists is the file. */
async function keyIn(text: string): Promise<string> {
  try {
    return (await readFile(text, 'utf8')).trim();
  } catch {
    return text;
  }
}

function collect(file: string, files: readonly string[]): readonly string[] {
  return [...files, file];
}
