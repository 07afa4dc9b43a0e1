import { useSyncExternalStore } from 'react';
import type { Send } from '#sdk/send.ts';

let isReached = true;
const listeners = new Set<() => void>();

function note(reached: boolean): void {
  if (reached !== isReached) {
    isReached = reached;
    for (const listener of listeners) {
      listener();
    }
  }
}

/** A transport that notes whether the server answers: whatever the page asks is a look at that as well. */
export function noting(send: Send): Send {
  return async (request) => {
    try {
      const reply = await send(request);
      note(true);
      return reply;
    } catch (failure) {
      // What the page itself gave up says nothing of the server.
      if (request.signal?.aborted !== true) {
        note(false);
      }
      throw failure;
    }
  };
}

/** Whether what was asked last reached the server. */
export function useReach(): boolean {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => isReached,
  );
}
