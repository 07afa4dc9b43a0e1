import type { Client } from '#sdk/client.ts';
import type { Look } from '#sdk/live-action.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import type { Context, OutputOptions } from './context.ts';
import { inMebibytes, openProgress, type Progress } from './progress.ts';

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
  const onLook = (look: Look) => progress.show(counted(look));
  try {
    return await client.waitForAction(id, { timeout, onLook });
  } finally {
    progress.end();
  }
}

/** Of one endpoint the bytes say more than the endpoint. */
function counted({ verb, endedCount, endpointsCount, upload }: Look): Parameters<Progress['show']>[0] {
  if (upload === null) {
    return { done: endedCount, total: endpointsCount, words: `endpoints (${verb})` };
  }
  const [done, total] = [inMebibytes(upload.bytesReceived), inMebibytes(upload.bytesTotal)];
  const ended = endpointsCount === 1 ? '' : `, ${endedCount} of ${endpointsCount} endpoints`;
  return { done, total, words: `MiB (${verb}${ended})` };
}
