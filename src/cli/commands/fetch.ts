import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { type StartedAction, tellHeld } from '../held-actions.ts';
import { unshieldGuid } from '../shielded-guid.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface FetchOptions extends ServerOptions, WaitOptions {
  readonly endpoint?: readonly string[];
  readonly path?: readonly string[];
  readonly incident?: string;
  readonly reason?: string;
}

/** `fetch`. */
export function addFetchCommand(program: Command, context: Context): void {
  const command = program
    .command('fetch')
    .description('fetch files by GUID, or by path from endpoints')
    .argument('[guid...]', 'GUIDs, as `file find` prints them', unshieldGuid, [])
    .option('--endpoint <ID...>', 'endpoints to fetch from, with --path')
    .option('--path <PATH...>', 'paths to fetch from each of them')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((guids: readonly string[], options: FetchOptions) =>
    withClient(context, options, async (client) => {
      const { started, unknown } = await start(client, guids, options);
      await tellHeld(context, client, [started]);
      await showActions(context, { client, ids: [started.id] }, options);
      if (unknown.length > 0) {
        throw new CommandFailure(`No endpoint has reported: ${unknown.join(', ')}.`);
      }
    }),
  );
}

async function start(
  client: Client,
  guids: readonly string[],
  { endpoint = [], path = [], incident: incidentId, reason }: FetchOptions,
): Promise<{ readonly started: StartedAction; readonly unknown: readonly string[] }> {
  const byPath = endpoint.length > 0 || path.length > 0;
  if (byPath === guids.length > 0 || (byPath && (endpoint.length === 0 || path.length === 0))) {
    throw new UsageError('fetch takes GUIDs, or --endpoint and --path.');
  }
  if (byPath) {
    const started = await client.retrieveFiles({ endpointIds: [...endpoint], paths: [...path], incidentId, reason });
    return { started, unknown: [] };
  }
  const { action, unknown } = await client.startFetch({ guids: [...guids], incidentId, reason });
  return { started: action, unknown };
}
