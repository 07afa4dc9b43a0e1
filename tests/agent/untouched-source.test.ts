import { describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeFrame } from '#agent/child/frames.ts';
import type { Job } from '#agent/child/job.ts';
import { childCommand } from '#agent/platform/program.ts';
import { hasStrace } from './killed-child.ts';
import { newTask, pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'never written to\n';
const sha256 = sha256Of(content);

/** Every call that could change a file's bytes, its attributes or its flags. */
const writes =
  /^(write|pwrite64|pwritev2?|writev|f?truncate|fallocate|f?chmod|fchmodat2?|[fl]?chown|fchownat|[fl]?setxattr|[fl]?removexattr|utimensat|futimesat|utimes?|sendfile|copy_file_range)$/;
const opensToWrite = /O_WRONLY|O_RDWR|O_TRUNC|O_CREAT/;

/** The system calls of a whole job whose first argument is something below `files`, a descriptor by its path at the time. */
async function callsBelow(world: VaultWorld, job: Job): Promise<readonly string[]> {
  const log = path.join(world.base, 'trace');
  const child = spawn('strace', ['-f', '-y', '-qq', '-s', '4096', '-o', log, ...childCommand()], { cwd: '/', env: {} });
  child.stdin.end(encodeFrame({ parent: child.pid, job }));
  child.stdout.resume();
  await new Promise((resolve) => child.once('close', resolve));
  const lines = readFileSync(log, 'latin1').split('\n');
  const isBelow = (line: string) => line.slice(0, Math.max(line.indexOf(','), 0)).includes(world.files);
  return lines.map((line) => line.replace(/^\d+ +/, '')).filter(isBelow);
}

/** Those that could change a file; an open file is named by its path, also while it is in a staging directory. */
function changes(calls: readonly string[]): readonly string[] {
  return calls.filter((line) => {
    const call = line.slice(0, line.indexOf('('));
    const isOpen = call === 'open' || call.startsWith('openat');
    return isOpen ? opensToWrite.test(line) : writes.test(call) || /FS_IOC_SETFLAGS|0x40086602/.test(line);
  });
}

function jobs(world: VaultWorld, file: string): Readonly<Record<'quarantine' | 'restore' | 'fetch', Job>> {
  const { vault, keys, own, policy } = world.room;
  const part = { vault, keys, own: [...own], policy };
  const wanted = { ordinal: 0, path: pathOf(file), vaultObject: null, indexedSha256: null };
  return {
    quarantine: { ...part, kind: 'quarantine', ...quarantineOf(file, sha256) },
    restore: { ...part, kind: 'restore', ...restoreOf(sha256) },
    fetch: { ...part, kind: 'capture', spool: path.join(world.base, newTask()), files: [wanted] },
  };
}

describe.if(hasStrace)('by every system call of a real child', () => {
  test('a fetch and a quarantine read the file, move it, and never write to it', async () => {
    using world = await vaultWorld();
    const file = path.join(world.files, 'a');
    writeFileSync(file, content);
    chmodSync(file, 0o4755);
    linkSync(file, path.join(world.base, 'another name'));
    const job = jobs(world, file);
    const fetched = await callsBelow(world, job.fetch);
    expect(fetched.join('\n')).toContain('O_PATH');
    expect(changes(fetched)).toEqual([]);
    const taken = await callsBelow(world, job.quarantine);
    expect(taken.filter((line) => line.startsWith('renameat2('))).toHaveLength(1);
    expect(changes(taken)).toEqual([]);
    expect([existsSync(file), readFileSync(path.join(world.base, 'another name'), 'utf8')]).toEqual([false, content]);
    const restored = changes(await callsBelow(world, job.restore));
    expect(restored.filter((line) => /^(openat|pwrite64|write|fchmod)\(/.test(line)).length).toBeGreaterThan(2);
  }, 60_000);

  test('a special file is not opened at all', async () => {
    using world = await vaultWorld();
    const fifo = path.join(world.files, 'fifo');
    Bun.spawnSync(['mkfifo', fifo]);
    for (const job of [jobs(world, fifo).fetch, jobs(world, fifo).quarantine]) {
      const opened = (await callsBelow(world, job)).filter((line) => line.startsWith('open') && line.includes('fifo'));
      expect(opened.length).toBeGreaterThan(0);
      expect(opened.filter((line) => !line.includes('O_PATH'))).toEqual([]);
    }
  }, 60_000);
});
