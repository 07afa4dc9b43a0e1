import type { MayBegin } from '../operations/may-begin.ts';
import type { ChildMessage, Job } from './job.ts';
import { type ChildEnd, type ChildOptions, startChild } from './spawn.ts';

/** How a child says where it is in work of many parts. */
export type Told = Extract<ChildMessage, { type: 'copy' }>;

export type Answer = Exclude<ChildMessage, { type: 'progress' | 'next' } | Told>;

export type JobResult = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly end: ChildEnd };

export interface JobOptions extends ChildOptions {
  readonly told?: (told: Told) => void;
  /** Whether the next file may be begun; left out where all may. */
  readonly mayBegin?: () => MayBegin;
}

/** One job in a child of its own. `signal` kills the child: what it leaves behind is a later run's to recover. */
export function runJob(options: JobOptions, job: Job, signal: AbortSignal): Promise<JobResult> {
  const { promise, resolve } = Promise.withResolvers<JobResult>();
  if (signal.aborted) {
    return Promise.resolve({ ok: false, end: 'stopped' });
  }
  let answer: Answer | undefined;
  const child = startChild(options, job, {
    mayBegin: options.mayBegin,
    message: (message) => {
      if (message.type === 'copy') {
        options.told?.(message);
      } else {
        answer = message;
        // Whatever it did is on disk: how long it takes to end, or whether it does, holds nobody up.
        child.stop();
      }
    },
    ended: (end) => {
      signal.removeEventListener('abort', stop);
      resolve(answer === undefined ? { ok: false, end } : { ok: true, answer });
    },
  });
  const stop = () => child.stop();
  signal.addEventListener('abort', stop);
  return promise;
}
