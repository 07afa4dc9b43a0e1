import { expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { encodeFrame } from '#agent/child/frames.ts';
import { childCommand } from '#agent/platform/program.ts';
import { until } from './until.ts';
import { pathOf, quarantineOf, sha256Of, vaultWorld } from './vault-world.ts';

const hasIonice = spawnSync('ionice', ['-V']).status === 0;

/** `priority nice` of /proc/<pid>/task/<tid>/stat, fields 18 and 19 (proc(5)). */
function niceOf(pid: number): readonly (readonly [string, number])[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    return [thread, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])] as const;
  });
}

test('every thread of a child at work has the lowest priority, for the processor and for the disk', async () => {
  using world = await vaultWorld();
  const { vault, keys, own, policy, platform } = world.room;
  const release = platform.lock(path.join(vault, 'lock'), { wait: true, share: 'whole' });
  const [program, ...args] = childCommand();
  const child = spawn(program, args, { cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'inherit'] });
  try {
    const job = {
      vault,
      keys,
      own,
      policy,
      kind: 'quarantine',
      ...quarantineOf(path.join(world.files, 'a'), sha256Of('')),
    };
    child.stdin.write(encodeFrame({ parent: process.pid, job: { ...job, path: pathOf('/nowhere') } }));
    const pid = child.pid ?? 0;
    await until(
      () => existsSync(`/proc/${pid}/exe`) && niceOf(pid).every(([, nice]) => nice === 19),
      'all are lowered',
    );
    for (const [thread] of hasIonice ? niceOf(pid) : []) {
      expect(spawnSync('ionice', ['-p', thread]).stdout.toString().trim()).toBe('idle');
    }
  } finally {
    child.kill('SIGKILL');
    release?.();
  }
});
