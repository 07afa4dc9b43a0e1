import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskParameters } from '#core/action/verb.ts';
import { toFetch, toPurge, toQuarantine, toRestore, toUndo } from './parameters.ts';
import { type AgentWorld, agentWorld } from './running-agent.ts';
import { until } from './until.ts';
import { pathOf, sha256Of } from './vault-world.ts';

let world: AgentWorld;
let policy: string;

const rules = (files: string) => `
largest_fetch = "1 KiB"
vault_quota = "1 MiB"

[[deny]]
name = "secrets"
paths = ["${files}/secret/**"]

[[deny]]
name = "no-purge"
verbs = ["purge"]

[[deny]]
name = "stays-taken"
verbs = ["restore"]
paths = ["${files}/bad/**"]
`;

beforeAll(async () => {
  world = await agentWorld();
  policy = path.join(world.base, 'agent-policy.toml');
  for (const directory of ['secret', 'bad', 'good']) {
    mkdirSync(path.join(world.files, directory));
  }
  writeFileSync(policy, rules(world.files), { mode: 0o644 });
  world.start('/', policy);
  await until(() => world.server.hellos.length > 0, 'the agent connects');
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

function put(name: string, bytes: string) {
  const file = path.join(world.files, name);
  writeFileSync(file, bytes);
  return { file, at: pathOf(file), sha256: sha256Of(bytes) };
}

async function run(parameters: TaskParameters) {
  return (await world.server.run(parameters)).files;
}

const refused = (rule: string) => ({ outcome: 'refused', reason: 'denied_by_policy', details: { rule } });

describe.skipIf(process.geteuid?.() !== 0)('An agent with a policy', () => {
  test('refuses what a rule denies, with the rule’s name in details and message, and touches nothing', async () => {
    const secret = put('secret/a', 'secret');
    const [file] = await run(toQuarantine(secret.at, secret.sha256));
    expect(file).toMatchObject(refused('secrets'));
    expect(file?.message).toContain('"secrets"');
    expect(readFileSync(secret.file, 'utf8')).toBe('secret');
  });

  test('fetches the other files of an order of which it denies some', async () => {
    const [secret, good] = [put('secret/b', 'secret'), put('good/b', 'good')];
    const files = await run(toFetch(secret.at, good.at, secret.at));
    expect(files).toMatchObject([refused('secrets'), { outcome: 'done', sha256: good.sha256 }, refused('secrets')]);
  });

  test('is not led around a rule by a link, for it asks again where the path really is', async () => {
    const secret = put('secret/c', 'secret');
    // Root's own, on a way that is root's own too: a link that is followed.
    const own = mkdtempSync('/var/lib/custody-test-');
    const way = path.join(own, 'way');
    symlinkSync(path.join(world.files, 'secret'), way);
    try {
      const led = pathOf(path.join(way, 'c'));
      expect(await run(toFetch(led))).toMatchObject([refused('secrets')]);
      expect(await run(toQuarantine(led, secret.sha256))).toMatchObject([refused('secrets')]);
      expect(existsSync(secret.file)).toBe(true);
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  test('takes no denied copy when it is ordered by hash', async () => {
    const [secret, good] = [put('secret/d', 'the same'), put('good/d', 'the same')];
    await until(() => world.server.files.has(secret.file) && world.server.files.has(good.file), 'both are indexed');
    const files = await run(toQuarantine(null, secret.sha256));
    expect(files.map(({ outcome }) => outcome).toSorted()).toEqual(['done', 'refused']);
    expect([existsSync(secret.file), existsSync(good.file)]).toEqual([true, false]);
  });

  test('keeps to its caps, by the names of their keys', async () => {
    const large = put('good/large', 'x'.repeat(1_025));
    expect(await run(toFetch(large.at))).toMatchObject([refused('largest_fetch')]);
    const vast = put('good/vast', 'x'.repeat(2 ** 20));
    const full = await run(toQuarantine(vast.at, vast.sha256));
    expect(full).toMatchObject([{ outcome: 'no_space', reason: 'vault_full' }]);
    expect(existsSync(vast.file)).toBe(true);
  });

  test('denies verbs as such, and a restore to a denied place', async () => {
    const bad = put('bad/e', 'bad');
    const taken = await world.server.run(toQuarantine(bad.at, bad.sha256));
    expect(taken.files).toMatchObject([{ outcome: 'done' }]);
    expect(await run(toUndo(taken))).toMatchObject([refused('stays-taken')]);
    expect(await run(toPurge(bad.sha256))).toMatchObject([refused('no-purge')]);
    expect(await run(toRestore(bad.sha256))).toMatchObject([refused('stays-taken')]);
    const to = pathOf(path.join(world.files, 'bad', 'elsewhere'));
    expect(await run(toRestore(bad.sha256, { to }))).toMatchObject([refused('stays-taken')]);
    expect(existsSync(bad.file)).toBe(false);
    const elsewhere = path.join(world.files, 'good', 'e');
    expect(await run(toRestore(bad.sha256, { to: pathOf(elsewhere) }))).toMatchObject([{ outcome: 'done' }]);
    expect(readFileSync(elsewhere, 'utf8')).toBe('bad');
  });

  test('keeps back what a search finds in a denied place, and says so', async () => {
    const [secret, good] = [put('secret/needle', '1'), put('good/needle', '2')];
    const under = pathOf(world.files);
    const files = await run({
      ...{ verb: 'search', live: true, under, limit: 10 },
      pattern: { by: 'glob', glob: '/**/needle' },
    });
    const paths = files.flatMap(({ path: found }) => (found === null ? [] : [Buffer.from(found).toString()]));
    expect(paths).toEqual([good.file]);
    expect(JSON.stringify(files.map(({ message, losses }) => [message, losses]))).toContain('polic');
    const inside = pathOf(path.dirname(secret.file));
    const asked = await run({
      ...{ verb: 'search', live: true, under: inside, limit: 10 },
      pattern: { by: 'path', path: secret.at },
    });
    expect(asked).toMatchObject([refused('secrets')]);
  });

  test('refuses every order while the policy cannot be followed, and goes on when it can', async () => {
    const good = put('good/f', 'good');
    writeFileSync(policy, 'nonsense');
    expect(await run(toFetch(good.at))).toMatchObject([refused('policy_unreadable')]);
    expect(await run(toQuarantine(good.at, good.sha256))).toMatchObject([refused('policy_unreadable')]);
    expect(existsSync(good.file)).toBe(true);
    await until(() => world.log().includes('Every order is refused'), 'the log says it');
    writeFileSync(policy, rules(world.files));
    expect(await run(toQuarantine(good.at, good.sha256))).toMatchObject([{ outcome: 'done' }]);
  });
});
