import { FrameReader } from '#agent/child/frames.ts';
import { fetchFile, type NaiveJob, purge, quarantine, restore } from './naive-deeds.ts';

const jobs = { capture: fetchFile, quarantine, restore, purge } as const;

for await (const chunk of process.stdin) {
  for (const frame of new FrameReader().push(chunk)) {
    const { job } = frame as { readonly job: NaiveJob };
    try {
      jobs[job.kind](job);
    } catch {
      process.exitCode = 2;
    }
    process.stdin.destroy();
  }
}
