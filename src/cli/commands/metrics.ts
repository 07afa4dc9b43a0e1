import type { Command } from 'commander';
import { type Context, show } from '../context.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

/** `metrics`, `openapi`. */
export function addMetricsCommands(program: Command, context: Context): void {
  const metrics = program.command('metrics').description('print what a server has done since it began, for Prometheus');
  speaksToServer(metrics).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const text = await client.readMetrics();
      await show(context, options, { json: text, text });
    }),
  );
  const openApi = program.command('openapi').description('print the description of the native API (OpenAPI 3.1, JSON)');
  speaksToServer(openApi).action((options: ServerOptions) =>
    withClient(context, options, async (client) => {
      await show(context, { ...options, json: true }, { json: await client.describeApi(), text: '' });
    }),
  );
}
