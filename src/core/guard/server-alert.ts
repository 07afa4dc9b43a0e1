import type { ActionId } from '../action/action-id.ts';
import type { NewEvent } from '../custody/event.ts';
import type { Milliseconds } from '../time.ts';

export const serverAlertKinds = ['glass_broken', 'rings_halted'] as const;

/** What everybody who asks a server is told of, unasked. */
export interface ServerAlert {
  readonly kind: (typeof serverAlertKinds)[number];
  readonly actionId: ActionId;
  readonly by: NewEvent['actor'];
  readonly at: Milliseconds;
  /** In the words of whoever did it, or why the server did. */
  readonly reason: string;
}
