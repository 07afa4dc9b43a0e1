import { type FollowedAction, followAction as followProgress } from '#core/verbs/follow-action.ts';
import { type Frame, streamed } from '../event-stream.ts';
import { guarded } from '../operation.ts';
import { followAction } from '../schemas/action.ts';
import { showProgress } from '../show-action.ts';

const permission = 'actions.read';

export const followActionOperation = guarded(
  followAction,
  { permission, licence: [] },
  async ({ parameters: { actionId } }, call) =>
    streamed(call, permission, async function* (follower) {
      const { ports } = call;
      for await (const progress of followProgress(ports, actionId, follower)) {
        yield frameOf(progress, ports.clock.now());
      }
    }),
);

function frameOf(progress: FollowedAction | undefined, now: number): Frame {
  return progress === undefined ? {} : { event: 'progress', data: showProgress(progress, now) };
}
