import fs from 'node:fs';
import { programNode } from './program-node.ts';

/**
 * One look at every process: for a search that asks of many files, of which few are running. (`processesRunning` then says
 * which processes.)
 */
export function runningPrograms(): ReadonlySet<string> {
  const programs = new Set<string>();
  for (const name of fs.readdirSync('/proc')) {
    const node = /^\d+$/.test(name) ? programNode(Number(name)) : undefined;
    if (node !== undefined) {
      programs.add(`${node.device}:${node.inode}`);
    }
  }
  return programs;
}
