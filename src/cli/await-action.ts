import type { Client } from '#sdk/client.ts';
import type { Look } from '#sdk/live-action.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import type { Context, OutputOptions } from './context.ts';
import { openProgress } from './progress.ts';

interface Awaited {
  readonly client: Client;
  readonly id: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Waits for the end of an action, and draws on how many endpoints it has ended. @throws ApiError `timeout` */
export async function awaitAction(
  context: Context,
  options: OutputOptions,
  { client, id, timeout }: Awaited,
): Promise<ActionWithTasks> {
  const progress = openProgress(context, options, `Action ${id}`);
  const onLook = ({ verb, endedCount, endpointsCount }: Look) =>
    progress.show({ done: endedCount, total: endpointsCount, words: `endpoints (${verb})` });
  try {
    return await client.waitForAction(id, { timeout, onLook });
  } finally {
    progress.end();
  }
}
