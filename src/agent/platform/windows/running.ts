import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import { mostProcesses, type RunningProcess } from '#core/outcome-details.ts';
import type { Handle, NodeFacts } from '../platform.ts';
import { access, disposition, option, share } from './constants.ts';
import { descriptorOf } from './descriptors.ts';
import { fromFileTime } from './file-time.ts';
import { kernel32 } from './kernel32.ts';
import { handleFacts } from './node.ts';
import { NtError } from './nt-status.ts';
import { ntdll } from './ntdll.ts';
import { fromUtf16 } from './object-attributes.ts';
import { openName } from './open.ts';

const queryLimitedInformation = 0x1000;
const mostPids = 65_536;
const longestPath = 32_768;
const nanosecondsPerMillisecond = 1_000_000n;

export function processesRunning(facts: Pick<NodeFacts, 'device' | 'inode'>): readonly RunningProcess[] {
  const running: RunningProcess[] = [];
  for (const pid of processIds()) {
    const process = runs(pid, facts);
    if (process !== undefined) {
      running.push(process);
    }
    if (running.length === mostProcesses) {
      break;
    }
  }
  return running;
}

/** Every file that a process runs as its program. */
export function runningPrograms(): ReadonlySet<string> {
  const programs = new Set<string>();
  for (const pid of processIds()) {
    const image = withProcess(pid, imageFacts);
    if (image !== undefined) {
      programs.add(`${image.device}:${image.inode}`);
    }
  }
  return programs;
}

function processIds(): readonly number[] {
  const pids = new Uint32Array(mostPids);
  const bytes = new Uint32Array(1);
  const listed = kernel32.K32EnumProcesses(ptr(pids), pids.byteLength, ptr(bytes)) !== 0;
  return listed ? [...pids.subarray(0, (bytes[0] ?? 0) / 4)].filter((pid) => pid > 0) : [];
}

function runs(pid: number, wanted: Pick<NodeFacts, 'device' | 'inode'>): RunningProcess | undefined {
  return withProcess(pid, (process) => {
    const image = imageFacts(process);
    const isIt = image?.device === wanted.device && image.inode === wanted.inode;
    return isIt ? { pid, startedAt: startOf(process) } : undefined;
  });
}

/** A process that ends meanwhile, or may not be looked at, runs nothing that we can tell. */
function withProcess<Told>(pid: number, look: (process: bigint) => Told | undefined): Told | undefined {
  const process = kernel32.OpenProcess(queryLimitedInformation, 0, pid);
  if (process === 0n) {
    return undefined;
  }
  try {
    return look(process);
  } finally {
    ntdll.NtClose(process);
  }
}

/** The image by its path now. A program that was moved meanwhile is found by the path that the system has for it then. */
function imageFacts(process: bigint): NodeFacts | undefined {
  const units = new Uint8Array(longestPath * 2);
  const length = new Uint32Array([longestPath]);
  if (kernel32.QueryFullProcessImageNameW(process, 0, ptr(units), ptr(length)) === 0) {
    return undefined;
  }
  try {
    const image = openImage(`\\??\\${fromUtf16(units.subarray(0, (length[0] ?? 0) * 2))}`);
    try {
      return handleFacts(image);
    } finally {
      fs.closeSync(image);
    }
  } catch (failure) {
    if (failure instanceof NtError) {
      return undefined;
    }
    throw failure;
  }
}

function openImage(name: string): Handle {
  return descriptorOf(
    openName(0n, name, {
      access: access.readAttributes,
      share: share.read | share.write | share.delete,
      disposition: disposition.open,
      options: option.openReparsePoint,
    }),
  );
}

function startOf(process: bigint): number {
  const times = new BigUint64Array(4);
  const address = (index: number) => ptr(times, index * 8);
  kernel32.GetProcessTimes(process, address(0), address(1), address(2), address(3));
  return Math.max(0, Number(fromFileTime(times[0] ?? 0n) / nanosecondsPerMillisecond));
}
