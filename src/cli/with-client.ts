import { join } from 'node:path';
import type { Command } from 'commander';
import { ApiError } from '#sdk/api-error.ts';
import { type Client, createClient } from '#sdk/client.ts';
import { type Credential, parseCredential } from '#sdk/credential.ts';
import { CommandFailure, UsageError } from './command-error.ts';
import type { Context, OutputOptions } from './context.ts';
import { httpsTransport } from './https-transport.ts';
import { answers, socketTransport } from './socket-transport.ts';

/** Which server a command speaks to. */
export interface ServerOptions extends OutputOptions {
  readonly data?: string;
  readonly server?: string;
  readonly ca?: string;
  /** It waits for what a running server does: the store alone, opened by the command itself, would never change. */
  readonly mustRun?: boolean;
}

const defaultDirectory = './data';

/** Adds `--json` and the options that choose a server. */
export function speaksToServer(command: Command): Command {
  return command
    .option('--data <DIR>', 'data directory of a server on this machine (CUSTODY_DATA; default: ./data)')
    .option('--server <URL>', 'another server, with a session token or a key ID:SECRET in CUSTODY_TOKEN')
    .option('--ca <FILE>', 'authority that signed its certificate (PEM)')
    .option('--json', 'print the result as JSON');
}

/**
 * Runs `work` with a client: of `--server`, or through the data directory's socket, or, where no server runs there, of
 * the store itself, in this process.
 */
export async function withClient<Result>(
  context: Context,
  options: ServerOptions,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  if (options.server !== undefined) {
    const send = await httpsTransport({ url: options.server, caFile: options.ca });
    return advised(options, context, () => work(createClient({ send, credential: credentialOf(context) })));
  }
  if (options.ca !== undefined) {
    throw new UsageError('--ca belongs to --server.');
  }
  return withLocalClient(context, options, work);
}

/** What went wrong, and what the command line has for it. */
async function advised<Result>({ ca }: ServerOptions, context: Context, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    if (error.code === 'unauthenticated' && credentialOf(context) === undefined) {
      throw new CommandFailure('CUSTODY_TOKEN is not set. Put a session token (`login`) or a key ID:SECRET there.');
    }
    if (error.code === 'unreachable' && ca === undefined && /certificate/.test(error.message)) {
      throw new CommandFailure(`${error.message}. Name the authority that signed it with --ca.`);
    }
    throw error;
  }
}

async function withLocalClient<Result>(
  { programs, io }: Context,
  options: ServerOptions,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const data = options.data ?? (io.environment['CUSTODY_DATA'] || defaultDirectory);
  const socket = join(data, 'admin.sock');
  if (await answers(socket)) {
    return work(createClient({ send: socketTransport(socket) }));
  }
  if (options.mustRun === true) {
    throw new CommandFailure(`No server runs in ${data}. Start it, or name another with --server.`);
  }
  const services = await programs.openLocalServices({ flags: { data }, environment: io.environment });
  try {
    return await work(createClient({ send: services.send }));
  } finally {
    await services.close();
  }
}

function credentialOf({ io }: Context): Credential | undefined {
  const text = io.environment['CUSTODY_TOKEN'];
  return text === undefined || text === '' ? undefined : parseCredential(text.trim());
}
