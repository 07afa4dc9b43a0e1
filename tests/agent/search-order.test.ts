import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { displayPath } from '#core/file/file-path.ts';
import { agentWorld } from './running-agent.ts';
import { until } from './until.ts';
import { pathOf, sha256Of } from './vault-world.ts';

test('an agent tells of changes as they come, and performs searches over its index and live', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  writeFileSync(path.join(files, 'old'), 'old');
  world.start();
  await until(() => server.files.has(path.join(files, 'old')), 'the first file');
  mkdirSync(path.join(files, 'new'));
  writeFileSync(path.join(files, 'new', 'file'), 'new');
  await until(() => server.files.has(path.join(files, 'new/file')), 'the new file');
  const ask = { verb: 'search' as const, live: false, under: null, limit: 10 };
  const indexed = await server.run({ ...ask, pattern: { by: 'sha256', sha256: sha256Of('new') } });
  expect(indexed.files).toMatchObject([
    { outcome: 'done', sha256: sha256Of('new'), size: 3, details: { live: false } },
  ]);
  const under = pathOf(path.join(files, 'new'));
  const live = await server.run({ ...ask, live: true, under, pattern: { by: 'glob', glob: '**' } });
  expect(live.files.map((each) => each.path && displayPath(each.path))).toEqual([path.join(files, 'new/file')]);
  const none = await server.run({ ...ask, pattern: { by: 'regex', regex: 'no such' } });
  expect(none.files).toMatchObject([{ outcome: 'done', path: null, message: 'No file matches.' }]);
  const nowhere = { under: pathOf('/no/such/folder'), pattern: { by: 'glob' as const, glob: '**' } };
  const lost = await server.run({ ...ask, ...nowhere, live: true });
  expect(lost.files).toMatchObject([{ outcome: 'done', path: null, details: { cut: 'no_folder' } }]);
  const first = await server.run({ ...ask, ...nowhere, live: true, under: pathOf(files), limit: 1 });
  expect(first.files).toMatchObject([{ outcome: 'done', details: { cut: 'limit' } }]);
  expect(live.files[0]?.details).not.toHaveProperty('cut');
});
