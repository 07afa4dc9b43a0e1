import type { Milliseconds } from '#core/time.ts';
import { currentPlatform } from '../platform/current.ts';
import type { Platform } from '../platform/platform.ts';
import { systemClock } from '../platform/system-clock.ts';
import type { ChildRoom } from './child-room.ts';
import { FrameReader, writeFrame } from './frames.ts';
import { type ChildMessage, type Job, mayBeginSchema, startSchema } from './job.ts';

const standardOutput = 1;
const progressEvery: Milliseconds = 1_000;

/**
 * The whole life of a child: one job from standard input, progress and the result on standard output. It ends with its
 * parent, so that two children never work on one task.
 */
export async function runChild(): Promise<void> {
  const platform = await currentPlatform();
  platform.dieWithParent();
  platform.yieldToOthers();
  const requests = readFrames();
  try {
    const first = await requests.next();
    const { parent, job, asks } = startSchema.parse(first.value);
    if (process.ppid === parent) {
      await runJob(childRoom(platform, requests, asks), job);
    }
  } finally {
    await requests.return(undefined);
  }
}

async function runJob(room: ChildRoom, job: Job): Promise<void> {
  try {
    await performJob(room, job);
  } catch (failure) {
    room.say({
      type: 'failed',
      message: failure instanceof Error ? (failure.stack ?? failure.message) : String(failure),
    });
  }
}

/** Each kind of job loads its own code: the child that stays, the inventory's, holds no cryptography. */
async function performJob(room: ChildRoom, job: Job): Promise<void> {
  switch (job.kind) {
    case 'inventory': {
      const { serveInventory } = await import('./serve-inventory.ts');
      await serveInventory(room, job);
      return;
    }
    case 'search': {
      const { search } = await import('../inventory/search.ts');
      room.say({ type: 'endings', endings: [...search(room, job)] });
      return;
    }
    default: {
      const { performVaultJob } = await import('./vault-jobs.ts');
      room.say(await performVaultJob(room, job));
    }
  }
}

function childRoom(platform: Platform, requests: AsyncGenerator<unknown>, asks: boolean): ChildRoom {
  const say = (message: ChildMessage) => writeFrame(standardOutput, message);
  let last = systemClock.monotonic();
  const progress = () => {
    const now = systemClock.monotonic();
    if (now - last >= progressEvery) {
      last = now;
      say({ type: 'progress' });
    }
  };
  const ask = async () => {
    say({ type: 'next' });
    const { value } = await requests.next();
    return mayBeginSchema.parse(value).mayBegin;
  };
  return { platform, clock: systemClock, progress, say, requests, mayBegin: asks ? ask : async () => 'go' };
}

async function* readFrames(): AsyncGenerator<unknown> {
  const reader = new FrameReader();
  for await (const chunk of process.stdin) {
    if (chunk instanceof Uint8Array) {
      yield* reader.push(chunk);
    }
  }
}
