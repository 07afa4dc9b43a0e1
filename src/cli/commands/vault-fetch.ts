import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { tellHeld } from '../held-actions.ts';
import { vaultRecords } from '../vault-records.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface FetchOptions extends ServerOptions, WaitOptions {
  readonly sha256?: string;
  readonly object?: readonly string[];
  readonly endpoint?: readonly string[];
  readonly incident?: string;
  readonly reason?: string;
}

/** `vault fetch`. */
export function addVaultFetchCommand(vault: Command, context: Context): void {
  const command = vault
    .command('fetch')
    .description('fetch quarantined files; they stay in the vaults')
    .option('--sha256 <HASH>', 'every copy with this SHA-256')
    .option('--object <ID...>', 'these vault objects, as `vault list` shows them')
    .option('--endpoint <ID...>', 'only out of the vaults of these endpoints')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((options: FetchOptions) =>
    withClient(context, options, async (client) => {
      const guids = await guidsOf(client, options);
      const { incident: incidentId, reason } = options;
      const { action, unknown } = await client.startFetch({ guids, incidentId, reason });
      await tellHeld(context, client, [action]);
      await showActions(context, { client, ids: [action.id] }, options);
      if (unknown.length > 0) {
        throw new CommandFailure(`No vault holds any more: ${unknown.join(', ')}.`);
      }
    }),
  );
}

async function guidsOf(client: Client, { sha256, object, endpoint }: FetchOptions): Promise<string[]> {
  if ((sha256 === undefined) === (object === undefined)) {
    throw new UsageError('vault fetch takes --sha256 or --object.');
  }
  const held = await vaultRecords(client, {
    state: ['held'],
    ...(sha256 !== undefined && { sha256: [sha256] }),
    ...(object !== undefined && { vaultObject: [...object] }),
    ...(endpoint !== undefined && { endpointId: [...endpoint] }),
  });
  if (held.length === 0) {
    throw new CommandFailure('No vault holds such a file.');
  }
  return held.map((record) => record.quarantineGuid);
}
