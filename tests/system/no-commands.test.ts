import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, custody, runProgram } from '#kit/program.ts';
import { type RealAgent, startAgent } from '#kit/real-agent.ts';
import { openWorld, type World } from '#kit/world.ts';

let world: World;
let agent: RealAgent;
let trace: string;

beforeAll(async () => {
  world = await openWorld({ agents: 0 });
  trace = join(world.directory, 'programs');
  // Every program that the running agent starts, and every one that those start.
  const watched = join(world.directory, 'custody');
  const strace = `strace -D -f -qq -e trace=execve,execveat -o ${trace}`;
  const script = `#!/bin/sh\n[ "$2" = run ] && exec ${strace} ${custody} "$@"\nexec ${custody} "$@"\n`;
  writeFileSync(watched, script, { mode: 0o755 });
  agent = await startAgent(world.server, { directory: join(world.directory, 'watched'), executable: watched });
  await agent.connect();
}, 60_000);

afterAll(async () => {
  await agent?.end('SIGTERM');
  await world?.[Symbol.asyncDispose]();
});

async function order(...words: readonly string[]) {
  const { code, err } = await runProgram([custody, ...words, '--data', world.server.data, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
}

describe('An agent (P41)', () => {
  test('starts no program but itself, whatever it is ordered', async () => {
    const path = agent.put('$(touch pwned);`id`|sh', 'name of a command');
    const guid = await world.known(agent, path);
    await order('fetch', guid, '--wait');
    await order('quarantine', '--path', path, '--endpoint', agent.id, '--wait');
    await order('restore', '--path', path, '--wait');
    await order('search', '--glob', '/**/*sh', '--endpoint', agent.id, '--live', '--under', agent.root);
    await agent.end('SIGTERM');
    const calls = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line.includes('execve'));
    // bin/custody is a script that looks for the runtime; from the runtime's own start on it is the agent.
    const started = calls.slice(calls.findLastIndex((line) => line.includes('"agent", "run"')));
    const [first, ...later] = started.map((line) => /execve(?:at)?\(.*?"([^"]+)"/.exec(line)?.[1] ?? line);
    expect(later.length).toBeGreaterThan(3);
    expect(new Set(later)).toEqual(new Set([first ?? '']));
  }, 60_000);

  test('has no code that could start another', () => {
    const files = readdirSync(join(checkout, 'src/agent'), { recursive: true, encoding: 'utf8' });
    const starting = files.filter(
      (file) =>
        file.endsWith('.ts') &&
        /child_process|Bun\.spawn|Bun\.\$/.test(readFileSync(join(checkout, 'src/agent', file), 'utf8')),
    );
    // The second is for the administrator's `agent install`, which a server cannot reach.
    expect(starting.toSorted()).toEqual(['child/spawn.ts', 'service/systemd.ts']);
  });
});
