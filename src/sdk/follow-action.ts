import type { z } from 'zod';
import { actionProgress, followAction as contract } from '#dialects/native/schemas/action.ts';
import { comeAgain } from './come-again.ts';
import { hasEnded } from './has-ended.ts';
import { openStream, type StreamPorts } from './open-stream.ts';
import type { Frame } from './read-frames.ts';
import { readData } from './stream-data.ts';

export type ActionProgress = z.output<typeof actionProgress>;

export interface FollowingAction {
  /** Aborted: it ends, without an error. */
  readonly signal?: AbortSignal;
}

/**
 * How far an action is, at once and whenever that changes, over as many connections as it takes; the last one says how it has ended.
 * @throws ApiError as `followEvents`
 */
export async function* followAction(
  ports: StreamPorts,
  actionId: string,
  { signal }: FollowingAction,
): AsyncGenerator<ActionProgress> {
  const open = () => openStream(ports, contract, { parameters: { actionId }, query: {}, body: undefined, signal });
  for await (const frame of comeAgain<Frame>({ pause: ports.pause, signal, open })) {
    if (frame.data === '') {
      continue;
    }
    const progress = readData(actionProgress, frame);
    yield progress;
    if (hasEnded(progress)) {
      return;
    }
  }
}
