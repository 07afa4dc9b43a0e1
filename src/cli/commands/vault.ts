import type { Command } from 'commander';
import { type Context, show } from '../context.ts';
import { type PageOptions, paged, saysWhatIsLeft } from '../paged.ts';
import { table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addVaultFetchCommand } from './vault-fetch.ts';
import { addVaultPurgeCommand } from './vault-purge.ts';

interface ListOptions extends ServerOptions, PageOptions {
  readonly endpoint?: string;
  readonly sha256?: string;
  readonly all?: boolean;
}

/** `vault list`, `vault fetch`, `vault purge`. */
export function addVaultCommands(program: Command, context: Context): void {
  const vault = program.command('vault').description('quarantined files');
  paged(speaksToServer(vault.command('list').description('list what the vaults of the endpoints hold, newest first')))
    .option('--endpoint <ID>', 'only of this endpoint')
    .option('--sha256 <HASH>', 'only with this SHA-256')
    .option('--all', 'what was restored, purged or lost, too')
    .action((options: ListOptions) => list(context, options));
  addVaultFetchCommand(vault, context);
  addVaultPurgeCommand(vault, context);
}

function list(context: Context, options: ListOptions): Promise<void> {
  return withClient(context, options, async (client) => {
    const { endpoint, sha256, all = false, offset, limit } = options;
    const listing = await client.listQuarantine({
      offset,
      limit,
      ...(endpoint !== undefined && { endpointId: [endpoint] }),
      ...(sha256 !== undefined && { sha256: [sha256] }),
      ...(!all && { state: ['held'] }),
    });
    const text = table(listing.items, {
      STATE: (item) => (item.damagedAt === null ? item.state : `${item.state}, damaged`),
      SINCE: (item) => item.restoredAt ?? item.quarantinedAt,
      SIZE: (item) => item.size,
      SHA256: (item) => item.sha256,
      ENDPOINT: (item) => item.endpointId,
      OBJECT: (item) => item.vaultObject,
      PATH: (item) => item.path,
    });
    await show(context, options, { json: listing, text });
    saysWhatIsLeft(context, options, listing);
  });
}
