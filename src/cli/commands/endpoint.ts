import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { type Context, show } from '../context.ts';
import { type PageOptions, paged, saysWhatIsLeft } from '../paged.ts';
import { facts, table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

type Endpoint = Awaited<ReturnType<Client['readEndpoint']>>;

interface ListOptions extends ServerOptions, PageOptions {
  readonly host?: string;
  readonly platform?: Endpoint['platform'];
  readonly presence?: Endpoint['presence'];
}

/** `endpoint list`, `endpoint show`. */
export function addEndpointCommands(program: Command, context: Context): void {
  const endpoint = program.command('endpoint').description('machines with an agent');
  paged(speaksToServer(endpoint.command('list').description('list endpoints by host name')))
    .option('--host <TEXT>', 'only host names that contain this')
    .addOption(new Option('--platform <PLATFORM>', 'only this platform').choices(choices.platforms))
    .addOption(new Option('--presence <PRESENCE>', 'only in this state').choices(choices.presences))
    .action((options: ListOptions) => withClient(context, options, (client) => list(context, options, client)));
  speaksToServer(endpoint.command('show').description('show one endpoint').argument('<id>')).action(
    (id: string, options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const found = await client.readEndpoint(id);
        await show(context, options, { json: found, text: factsOf(found) });
      }),
  );
}

async function list(context: Context, options: ListOptions, client: Client): Promise<void> {
  const { host, platform, presence, offset, limit } = options;
  const listing = await client.listEndpoints({
    offset,
    limit,
    ...(host !== undefined && { hostNameContains: [host] }),
    ...(platform && { platform: [platform] }),
    ...(presence && { presence: [presence] }),
  });
  const text = table(listing.items, {
    ID: (item) => item.id,
    NUMBER: (item) => item.number,
    HOST: (item) => item.hostName,
    PLATFORM: (item) => item.platform,
    PRESENCE: (item) => item.presence,
    'LAST SEEN': (item) => item.lastSeen,
    ADDRESSES: (item) => item.addresses.join(' '),
  });
  await show(context, options, { json: listing, text });
  saysWhatIsLeft(context, options, listing);
}

function factsOf(endpoint: Endpoint): string {
  const cells = Object.entries(endpoint).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const,
  );
  return facts(Object.fromEntries(cells));
}
