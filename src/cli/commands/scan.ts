import type { Command } from 'commander';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import type { Context } from '../context.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ScanOptions extends ServerOptions, WaitOptions {
  readonly endpoint: readonly string[];
  readonly incident?: string;
}

/** `scan`. */
export function addScanCommand(program: Command, context: Context): void {
  const command = program
    .command('scan')
    .description('have endpoints look at all that they inventory anew, now')
    .requiredOption('--endpoint <ID...>', 'these endpoints; `all` for every one')
    .option('--incident <ID>', 'incident to keep with the action');
  speaksToServer(mayWait(command)).action((options: ScanOptions) =>
    withClient(context, options, async (client) => {
      const { endpoint, incident: incidentId } = options;
      const endpointIds = endpoint.includes('all') ? 'all' : [...endpoint];
      const { id } = await client.startScan({ endpointIds, incidentId });
      await showActions(context, { client, ids: [id] }, options);
    }),
  );
}
