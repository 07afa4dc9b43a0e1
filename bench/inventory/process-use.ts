import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children use at one moment. */
export interface Use {
  readonly processes: number;
  /** Physical memory in bytes; `proportional` shares out what several processes map. */
  readonly resident: number;
  readonly proportional: number;
}

/** USER_HZ, proc(5). */
const ticksPerSecond = 100;

export function useOf(pid: number): Use {
  const processes = [pid, ...childrenOf(pid)];
  const rollups = processes.map((each) => readFileSync(`/proc/${each}/smaps_rollup`, 'utf8'));
  const sum = (key: string) =>
    rollups.reduce(
      (total, text) => total + Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1_024,
      0,
    );
  return { processes: processes.length, resident: sum('Rss'), proportional: sum('Pss') };
}

/** Milliseconds of processor time that the process and its children, the ended ones too, have had. */
export function processorTime(pid: number): number {
  const own = ticksOf(pid, [11, 12, 13, 14]);
  const running = childrenOf(pid).reduce((sum, child) => sum + ticksOf(child, [11, 12]), 0);
  return ((own + running) * 1_000) / ticksPerSecond;
}

function ticksOf(pid: number, fields: readonly number[]): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const values = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.reduce((sum, field) => sum + Number(values[field]), 0);
}

/** Each thread has the children that it started. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  });
}
