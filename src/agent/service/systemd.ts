import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Fault } from '#core/fault.ts';
import type { Step } from './step.ts';

const programs = ['/usr/bin/systemctl', '/bin/systemctl'];

/** Whether systemd is the init of the machine whose root directory this is, so that it can be asked for something. */
export function systemdRuns(root: string): boolean {
  return root === '/' && existsSync('/run/systemd/system') && systemctl() !== undefined;
}

/** @param verb and what else `systemctl` is told, word by word: there is no shell in between. */
export function systemctlStep(...words: readonly [verb: string, ...rest: string[]]): Step {
  return { says: `systemctl ${words.join(' ')}`, act: () => callSystemctl(words) };
}

function callSystemctl(words: readonly string[]): void {
  const program = systemctl() ?? 'systemctl';
  const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8', env: {}, cwd: '/' });
  if (status !== 0) {
    const why = error?.message ?? stderr.trim();
    throw new Fault('unavailable', `systemctl ${words.join(' ')} did not succeed: ${why}`, { cause: error });
  }
}

function systemctl(): string | undefined {
  return programs.find((each) => existsSync(each));
}
