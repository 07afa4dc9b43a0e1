import type { Command } from 'commander';
import { type Context, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addVaultFetchCommand } from './vault-fetch.ts';
import { addVaultPurgeCommand } from './vault-purge.ts';

interface ListOptions extends ServerOptions, PageOptions {
  readonly endpoint?: string;
  readonly sha256?: string;
  readonly action?: string;
  readonly pathContains?: string;
  readonly all?: boolean;
}

/** `vault list`, `vault hashes`, `vault status`, `vault fetch`, `vault purge`. */
export function addVaultCommands(program: Command, context: Context): void {
  const vault = program.command('vault').description('quarantined files');
  listing(vault, 'list', 'list what the vaults of the endpoints hold, newest first').action((options: ListOptions) =>
    list(context, options),
  );
  listing(vault, 'hashes', 'list the same by its bytes, with how many of them there are').action(
    (options: ListOptions) => listHashes(context, options),
  );
  addStatus(vault, context);
  addVaultFetchCommand(vault, context);
  addVaultPurgeCommand(vault, context);
}

function listing(vault: Command, name: string, description: string): Command {
  return paged(speaksToServer(vault.command(name).description(description)))
    .option('--endpoint <ID>', 'only of this endpoint')
    .option('--sha256 <HASH>', 'only with this SHA-256')
    .option('--action <ID>', 'only what this action took')
    .option('--path-contains <TEXT>', 'only where the path has this in it, in any case')
    .option('--all', 'what was restored, purged or lost, too');
}

function queryOf({ endpoint, sha256, action, pathContains, all = false }: ListOptions) {
  return {
    ...(endpoint !== undefined && { endpointId: [endpoint] }),
    ...(sha256 !== undefined && { sha256: [sha256] }),
    ...(action !== undefined && { actionId: [action] }),
    ...(pathContains !== undefined && { pathContains }),
    ...(!all && { state: ['held' as const] }),
  };
}

function listHashes(context: Context, options: ListOptions): Promise<void> {
  return withClient(context, options, (client) =>
    showList(context, options, {
      page: (at) => client.listQuarantinedHashes({ ...at, ...queryOf(options) }),
      columns: {
        HELD: (item) => item.held,
        RESTORED: (item) => item.restored,
        PURGED: (item) => item.purged,
        LOST: (item) => item.lost,
        DAMAGED: (item) => item.damaged,
        ENDPOINTS: (item) => item.endpointsCount,
        LAST: (item) => item.lastQuarantinedAt,
        SIZE: (item) => item.size,
        SHA256: (item) => item.sha256,
        PATH: (item) => (item.pathsCount === 1 ? item.path : `${item.path} and ${item.pathsCount - 1} more`),
      },
    }),
  );
}

function list(context: Context, options: ListOptions): Promise<void> {
  return withClient(context, options, (client) => {
    return showList(context, options, {
      page: (at) => client.listQuarantine({ ...at, ...queryOf(options) }),
      columns: {
        STATE: (item) => (item.damagedAt === null ? item.state : `${item.state}, damaged`),
        SINCE: (item) => item.restoredAt ?? item.quarantinedAt,
        SIZE: (item) => item.size,
        SHA256: (item) => item.sha256,
        ENDPOINT: (item) => item.endpointId,
        OBJECT: (item) => item.vaultObject,
        PATH: (item) => item.path,
      },
    });
  });
}

interface StatusOptions extends ServerOptions {
  readonly endpoint: string;
  readonly path: string;
  readonly sha256: string;
}

function addStatus(vault: Command, context: Context): void {
  speaksToServer(vault.command('status').description('say whether a vault holds one file now'))
    .requiredOption('--endpoint <ID>', 'in the vault of this endpoint')
    .requiredOption('--path <PATH>', 'where it was')
    .requiredOption('--sha256 <HASH>', 'its SHA-256')
    .action((options: StatusOptions) =>
      withClient(context, options, async (client) => {
        const { endpoint: endpointId, path, sha256 } = options;
        const status = await client.readQuarantineStatus({ files: [{ endpointId, path, sha256 }] });
        const held = status.items[0]?.quarantined === true;
        await show(context, options, { json: status, text: held ? 'quarantined\n' : 'not quarantined\n' });
      }),
    );
}
