import { expect, test } from 'bun:test';
import { chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toFetch, toQuarantine, toRestore } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
import { until } from './until.ts';
import { pathOf, sha256Of } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

test.if(isRoot)(
  'an agent of an ordinary user does what that user may, and names what it may not',
  async () => {
    await using world = await agentWorld();
    const { server, files } = world;
    writeFileSync(path.join(files, 'roots'), 'root only', { mode: 0o600 });
    writeFileSync(path.join(files, 'own'), 'their own');
    chownSync(path.join(files, 'own'), nobody, nobody);
    world.giveTo(nobody);
    world.start();

    const [hello] = await until(() => server.hellos.length > 0 && server.hellos, 'the agent connects');
    expect(hello?.facts.limitations.join('\n')).toMatch(/runs as user nobody: cannot read.*\n.*another owner/);
    await until(() => server.files.has(path.join(files, 'own')), 'the inventory');
    expect([...server.files.keys()]).toEqual([path.join(files, 'own')]);

    const [own, roots] = [pathOf(path.join(files, 'own')), pathOf(path.join(files, 'roots'))];
    const fetched = await server.run(toFetch(own, roots));
    expect(fetched.files).toMatchObject([{ outcome: 'done' }, { outcome: 'access_denied', reason: 'not_permitted' }]);
    const refused = await server.run(toQuarantine(own, sha256Of('their own')));
    expect(refused.files).toMatchObject([{ outcome: 'access_denied', reason: 'not_permitted' }]);
    expect(readFileSync(path.join(files, 'own'), 'utf8')).toBe('their own');
    expect(readdirSync(path.join(world.data, 'vault')).filter((name) => name !== 'lock')).toEqual([]);

    chownSync(files, nobody, nobody);
    const taken = await server.run(toQuarantine(own, sha256Of('their own')));
    expect(taken.files).toMatchObject([{ outcome: 'done' }]);
    const restored = await server.run(toRestore(sha256Of('their own')));
    expect(restored.files).toMatchObject([{ outcome: 'done', losses: [] }]);
    expect(statSync(path.join(files, 'own')).uid).toBe(nobody);

    const before = server.hellos.length;
    server.disconnect();
    const again = await until(() => server.hellos[before], 'the agent connects again');
    expect(again.facts.limitations.at(-1)).toBe('1 files or directories under the roots cannot be read');
  },
  60_000,
);
