import type { Command } from 'commander';
import type { ProxyOptions } from '../agent-programs.ts';
import { type Context, type OutputOptions, show } from '../context.ts';
import { facts } from '../table.ts';
import { usualData } from './agent-status.ts';

export interface ProxyFlags extends OutputOptions {
  readonly proxy?: string;
  readonly proxyExcept?: string;
  readonly proxyCa?: string;
}

interface TrustOptions extends ProxyFlags {
  readonly data: string;
  readonly server?: readonly string[];
  readonly ca?: string;
}

/** `agent trust`. */
export function addTrustCommand(agent: Command, context: Context): void {
  throughProxy(agent.command('trust'))
    .description('say or change where the agent finds its server, and whom it trusts; what is not given stays')
    .option('--data <DIR>', 'directory of the agent', usualData)
    .option('--server <URL>', 'the server, https://...; again for each other address of it', collect)
    .option('--ca <FILE>', 'the authorities that sign its certificate (PEM, any number)')
    .option('--json', 'print the result as JSON')
    .action((options: TrustOptions) => trust(context, options));
}

export function throughProxy(command: Command): Command {
  return command
    .option('--proxy <URL>', 'proxy between this machine and the server, http:// or https://, or none')
    .option('--proxy-except <A,B>', 'servers that are reached without it, as in NO_PROXY')
    .option('--proxy-ca <FILE>', 'authority of an https:// proxy (PEM)');
}

export function proxyOf({ proxy, proxyExcept, proxyCa }: ProxyFlags): ProxyOptions {
  return {
    ...(proxy !== undefined && { proxy }),
    ...(proxyExcept !== undefined && { noProxy: proxyExcept }),
    ...(proxyCa !== undefined && { proxyCaFile: proxyCa }),
  };
}

/** For an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function trust(context: Context, options: TrustOptions): Promise<void> {
  const { data: dataDirectory, server: servers, ca: caFile } = options;
  const known = await context.programs.service.trust({
    dataDirectory,
    ...(servers !== undefined && { servers }),
    ...(caFile !== undefined && { caFile }),
    ...proxyOf(options),
  });
  const { endpointId, authorities, proxy } = known;
  const text = facts({ endpoint: endpointId, servers: known.servers.join(', '), authorities, proxy });
  await show(context, options, { json: known, text });
}
