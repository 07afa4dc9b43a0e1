import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { CommandFailure } from '../command-error.ts';
import { type Context, show, type TextPart } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { facts, type Table, table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addFleetCommands } from './endpoint-fleet.ts';

type Endpoint = Awaited<ReturnType<Client['readEndpoint']>>;

interface ListOptions extends ServerOptions, PageOptions {
  readonly host?: string;
  readonly platform?: Endpoint['platform'];
  readonly presence?: Endpoint['presence'];
  readonly alias?: string;
  readonly user?: string;
  readonly address?: string;
  readonly tag?: readonly string[];
  readonly lastScan?: Endpoint['lastScan'];
  readonly archived?: boolean;
  readonly removed?: boolean;
  readonly sort?: (typeof choices.endpointOrders)[number];
  readonly descending?: boolean;
}

interface TagOptions extends ServerOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

interface ReasonOptions extends ServerOptions {
  readonly reason?: string;
}

type Changed = Awaited<ReturnType<Client['renameEndpoints']>>;

const signs: Readonly<Record<NonNullable<Endpoint['clone']>['hosts'][number]['sign'], string>> = {
  other_machine: 'another machine',
  older_data: 'older data',
  both_at_once: 'both connected at once',
};

/** `endpoint list`, `show`, `accept-machine`, `forget-copies`, `rename`, `tag`, `archive`, `unarchive`, `revoke`, `count`, `logs`, `history`. */
export function addEndpointCommands(program: Command, context: Context): void {
  const endpoint = program.command('endpoint').description('machines with an agent');
  paged(speaksToServer(endpoint.command('list').description('list endpoints by host name')))
    .option('--host <TEXT>', 'only host names that contain this')
    .addOption(new Option('--platform <PLATFORM>', 'only this platform').choices(choices.platforms))
    .addOption(new Option('--presence <PRESENCE>', 'only in this state').choices(choices.presences))
    .option('--alias <TEXT>', 'only aliases that contain this')
    .option('--user <TEXT>', 'only where somebody is logged in whose name contains this')
    .option('--address <ADDRESS>', 'only with this address')
    .option('--tag <TAG...>', 'only with one of these tags')
    .addOption(new Option('--last-scan <STATUS>', 'only where the newest scan went so').choices(choices.scanStatuses))
    .option('--archived', 'only what is put aside')
    .option('--removed', 'only what was removed for good')
    .addOption(new Option('--sort <BY>', 'in this order instead of by host name').choices(choices.endpointOrders))
    .option('--descending', 'the other way round')
    .action((options: ListOptions) => withClient(context, options, (client) => list(context, options, client)));
  addChanges(endpoint, context);
  addFleetCommands(endpoint, context);
  addCopies(endpoint, context);
  speaksToServer(endpoint.command('show').description('show one endpoint').argument('<id>')).action(
    (id: string, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const found = await client.readEndpoint(id);
        await show(context, options, { json: found, text: factsOf(found) });
      }),
  );
}

function addChanges(endpoint: Command, context: Context): void {
  const changing = (options: ServerOptions, change: (client: Client) => Promise<Changed>) =>
    withClient(context, options, async (client) => tellChanged(context, options, await change(client)));
  speaksToServer(endpoint.command('rename').description('give an endpoint an alias beside its host name'))
    .argument('<id>')
    .argument('<alias>', 'an empty one takes it away')
    .action((id: string, alias: string, options: ServerOptions) =>
      changing(options, (client) => client.renameEndpoints({ endpointIds: [id], alias })),
    );
  speaksToServer(endpoint.command('tag').description('put tags on endpoints, or take them off').argument('<id...>'))
    .option('--add <TAG...>', 'put these on')
    .option('--remove <TAG...>', 'take these off')
    .action((endpointIds: string[], options: TagOptions) => {
      const { add = [], remove = [] } = options;
      return changing(options, (client) => client.tagEndpoints({ endpointIds, add: [...add], remove: [...remove] }));
    });
  withReason(endpoint.command('archive').description('put endpoints aside until their agents connect again')).action(
    (endpointIds: string[], options: ReasonOptions) =>
      changing(options, (client) => client.archiveEndpoints({ endpointIds, reason: options.reason })),
  );
  withReason(endpoint.command('unarchive').description('bring archived endpoints back')).action(
    (endpointIds: string[], options: ReasonOptions) =>
      changing(options, (client) => client.unarchiveEndpoints({ endpointIds, reason: options.reason })),
  );
}

/** What is to be done about machines that came with the key of another. */
function addCopies(endpoint: Command, context: Context): void {
  const settling = (id: string, accept: string | null, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const settled = await client.settleCopies(id, accept);
      await show(context, options, { json: settled, text: `${id}\n` });
    });
  speaksToServer(endpoint.command('accept-machine'))
    .description('say that a copy took the place of the machine: it is the endpoint from now on')
    .argument('<id>')
    .argument('<copy>', 'as "endpoint show" has it')
    .action((id: string, copy: string, options: ServerOptions) => settling(id, copy, options));
  speaksToServer(endpoint.command('forget-copies'))
    .description('say that the copies were seen to, and the endpoint is the machine that it was')
    .argument('<id>')
    .action((id: string, options: ServerOptions) => settling(id, null, options));
}

function withReason(command: Command): Command {
  return speaksToServer(command.argument('<id...>')).option('--reason <TEXT>', 'why');
}

/** Unknown ones are no success, although the others changed. */
async function tellChanged(context: Context, options: ServerOptions, changed: Changed): Promise<void> {
  const text = changed.endpointIds.map((id) => `${id}\n`).join('');
  await show(context, options, { json: changed, text });
  if (changed.unknown.length > 0) {
    throw new CommandFailure(`Unknown, and left out: ${changed.unknown.join(' ')}`);
  }
}

function list(context: Context, options: ListOptions, client: Client): Promise<void> {
  return showList(context, options, {
    page: (at) => client.listEndpoints({ ...at, ...filterOf(options) }),
    columns: {
      ID: (item) => item.id,
      NUMBER: (item) => item.number,
      HOST: (item) => item.hostName,
      PLATFORM: (item) => item.platform,
      PRESENCE: (item) => item.presence,
      'LAST SEEN': (item) => item.lastSeen,
      ADDRESSES: (item) => item.addresses.join(' '),
      COPIES: (item) => item.clone?.hosts.length ?? null,
    },
  });
}

function filterOf(options: ListOptions): NonNullable<Parameters<Client['listEndpoints']>[0]> {
  const { host, alias, user, address, tag, platform, presence, lastScan, archived, removed, sort, descending } =
    options;
  return {
    ...(host !== undefined && { hostNameContains: [host] }),
    ...(alias !== undefined && { aliasContains: [alias] }),
    ...(user !== undefined && { userContains: [user] }),
    ...(address !== undefined && { address: [address] }),
    ...(tag !== undefined && { tag: [...tag] }),
    ...(platform && { platform: [platform] }),
    ...(presence && { presence: [presence] }),
    ...(lastScan && { lastScan: [lastScan] }),
    ...(archived === true && { archived: 'true' }),
    ...(removed === true && { revoked: 'true' }),
    ...(sort && { order: sort }),
    ...(descending === true && { direction: 'descending' }),
  };
}

function factsOf({ clone, ...endpoint }: Endpoint): readonly TextPart[] {
  const cells = Object.entries(endpoint).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const,
  );
  const told = facts({ ...Object.fromEntries(cells), clone: clone === null ? null : `since ${clone.firstSeen}` });
  return clone === null ? [told] : [told, copiesOf(clone.hosts)];
}

function copiesOf(hosts: NonNullable<Endpoint['clone']>['hosts']): Table {
  return table(hosts, {
    COPY: (item) => item.id,
    HOST: (item) => item.hostName,
    ADDRESS: (item) => item.remoteAddress,
    WHY: (item) => signs[item.sign],
    'FIRST SEEN': (item) => item.firstSeen,
    'LAST SEEN': (item) => item.lastSeen,
  });
}
