import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataDirectory } from '#agent/identity/data-directory.ts';
import { rotatingFile } from '#agent/platform/rotating-file.ts';
import { displayPath } from '#core/file/file-path.ts';
import { agentWorld } from './running-agent.ts';
import { sha256Of } from './vault-world.ts';

test('a log keeps two files of bounded size, for its owner only, and goes on where it was', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-log-'));
  try {
    const files = { current: path.join(directory, 'a'), previous: path.join(directory, 'a.1') };
    const line = `${'x'.repeat(30)}\n`;
    for (let count = 0; count < 20; count += 1) {
      rotatingFile(files, 100)(`${count} ${line}`);
    }
    const write = rotatingFile(files, 100);
    write('one\n');
    write('two\n');
    expect(readFileSync(files.current, 'utf8')).toEndWith('one\ntwo\n');
    const sizes = [files.current, files.previous].map((file) => statSync(file).size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(readFileSync(files.previous, 'utf8')).toContain(line);
    expect(statSync(files.current).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a log that cannot be written costs the lines, not the agent', () => {
  const write = rotatingFile({ current: '/no/such/directory/a', previous: '/no/such/directory/b' }, 100);
  expect(() => write('line\n')).not.toThrow();
});

test('an agent sends its own log, and nothing else, when it is asked to', async () => {
  await using world = await agentWorld();
  world.start();
  const { log } = dataDirectory(world.data);
  writeFileSync(log.previous, 'older\n');
  const { files } = await world.server.run({ verb: 'logs' });
  expect(files).toMatchObject([
    { ordinal: 0, outcome: 'done' },
    { ordinal: 1, outcome: 'done', sha256: sha256Of('older\n'), size: 6 },
  ]);
  expect(files.map((file) => file.path && displayPath(file.path))).toEqual([log.current, log.previous]);
  const again = await world.server.run({ verb: 'logs' });
  expect(again.files).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
});

test.each([
  ['the verb', 'verbs = ["logs"]'],
  ['where the log is', 'paths = ["**/logs/agent.log"]'],
])('the policy of an endpoint denies it by %s', async (_, rule) => {
  await using world = await agentWorld();
  const policy = path.join(world.base, 'policy.toml');
  writeFileSync(policy, `[[deny]]\nname = "no-logs"\n${rule}\n`, { mode: 0o600 });
  world.start('/', policy);
  const { files } = await world.server.run({ verb: 'logs' });
  expect(files).toMatchObject([{ outcome: 'refused', reason: 'denied_by_policy', details: { rule: 'no-logs' } }]);
});
