import type { RunningProcess } from '#core/outcome-details.ts';

/** xnu, bsd/sys/proc_info.h. */
export const allPids = 1;
export const bsdInfo = 3;
export const bsdInfoBytes = 136;
export const longestPath = 4096;

const pidAt = 12;
const startSecondsAt = 120;
const startMicrosecondsAt = 128;
const millisecondsPerSecond = 1_000n;

/** A `struct proc_bsdinfo`. */
export function readProcess(bytes: Uint8Array): RunningProcess {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seconds = view.getBigUint64(startSecondsAt, true);
  const microseconds = view.getBigUint64(startMicrosecondsAt, true);
  return {
    pid: view.getUint32(pidAt, true),
    startedAt: Number(seconds * millisecondsPerSecond + microseconds / millisecondsPerSecond),
  };
}
