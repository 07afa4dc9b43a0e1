import type { Command } from 'commander';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { type Context, say, show } from '../context.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ScanOptions extends ServerOptions, WaitOptions {
  readonly endpoint: readonly string[];
  readonly incident?: string;
  readonly abort?: boolean;
}

/** `scan`. */
export function addScanCommand(program: Command, context: Context): void {
  const command = program
    .command('scan')
    .description('have endpoints look at all that they inventory anew, now')
    .requiredOption('--endpoint <ID...>', 'these endpoints; `all` for every one')
    .option('--abort', 'stop scans of these endpoints instead, whoever ordered them')
    .option('--incident <ID>', 'incident to keep with the action');
  speaksToServer(mayWait(command)).action((options: ScanOptions) =>
    withClient(context, options, async (client) => {
      const { endpoint, incident: incidentId, abort = false } = options;
      const endpointIds = endpoint.includes('all') ? 'all' : [...endpoint];
      if (abort) {
        const aborted = await client.abortScans({ endpointIds });
        say(context, `Scans of ${aborted.endpointsCount} endpoints are stopped, or asked to stop.`);
        await show(context, options, { json: aborted, text: `${aborted.actionId}\n` });
        return;
      }
      const { id } = await client.startScan({ endpointIds, incidentId });
      await showActions(context, { client, ids: [id] }, options);
    }),
  );
}
