import { expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathsWithHash } from '#agent/inventory/find.ts';
import { openIndex } from '#agent/inventory/index-file.ts';
import { scan } from '#agent/inventory/scan.ts';
import { search } from '#agent/inventory/search.ts';
import { walk } from '#agent/inventory/walk.ts';
import { childCommand } from '#agent/platform/program.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { type EndpointPolicy, openPolicy } from '#agent/policy/policy.ts';
import { performSearch } from '#agent/tasks/search.ts';
import { TaskGate } from '#agent/tasks/task-gate.ts';
import type { SearchParameters, SearchPattern } from '#core/action/verb.ts';
import { displayPath } from '#core/file/file-path.ts';
import { md5Schema, sha1Schema } from '#core/file/hash.ts';
import { encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import type { Order } from '#wire/order.ts';
import { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';
import { pathOf, sha256Of, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;

interface Asked extends Partial<Omit<SearchParameters, 'verb' | 'pattern'>> {
  readonly pattern: SearchPattern;
  readonly policy?: EndpointPolicy;
  readonly patience?: number;
}

/** A tree of files, the index of it, and a way to search either. */
async function searchWorld() {
  const world = await vaultWorld();
  const database = path.join(world.base, 'inventory.sqlite');
  const room = { ...world.room, clock: systemClock };
  const file = (name: string) => path.join(world.files, name);
  const make = (name: string, text: string) => {
    mkdirSync(path.dirname(file(name)), { recursive: true });
    writeFileSync(file(name), text);
  };
  const roots = [pathOf(world.files)];
  const skip = [file('own')];
  return {
    ...{ world, database, room, file, make, roots, skip },
    index: () => {
      const index = openIndex(database);
      scan({ room, index, roots, skip, watches: undefined });
      index.close();
    },
    ask: ({ policy = openPolicy, patience = 60_000, ...asked }: Asked) => {
      const parameters = { verb: 'search' as const, live: false, under: null, limit: 100, ...asked };
      return search(room, { database, roots, skip, policy, patience, parameters });
    },
    [Symbol.dispose]: () => world[Symbol.dispose](),
  };
}

function pathsOf(endings: ReturnType<typeof search>, base: string): readonly string[] {
  return endings.flatMap((each) => (each.path === null ? [] : path.relative(base, displayPath(each.path)))).toSorted();
}

const hello = {
  sha256: sha256Of('hello'),
  sha1: sha1Schema.parse('aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'),
  md5: md5Schema.parse('5d41402abc4b2a76b9719d911017c592'),
};

for (const live of [false, true]) {
  const where = live ? 'on the file system' : 'in the index';

  test(`each pattern finds its files ${where}, with what is known of them`, async () => {
    using tree = await searchWorld();
    tree.make('one/hello.txt', 'hello');
    tree.make('two/copy', 'hello');
    tree.make('two/other.txt', 'other');
    tree.index();
    const found = (pattern: SearchPattern) => pathsOf(tree.ask({ pattern, live }), tree.world.files);
    expect(found({ by: 'sha256', sha256: hello.sha256 })).toEqual(['one/hello.txt', 'two/copy']);
    expect(found({ by: 'sha1', sha1: hello.sha1 })).toEqual(['one/hello.txt', 'two/copy']);
    expect(found({ by: 'md5', md5: hello.md5 })).toEqual(['one/hello.txt', 'two/copy']);
    expect(found({ by: 'path', path: pathOf(tree.file('two/other.txt')) })).toEqual(['two/other.txt']);
    expect(found({ by: 'glob', glob: '**/*.txt' })).toEqual(['one/hello.txt', 'two/other.txt']);
    expect(found({ by: 'regex', regex: '/t.o/[^/]+$' })).toEqual(['two/copy', 'two/other.txt']);
    const [hit] = tree.ask({ pattern: { by: 'glob', glob: '**/hello.txt' }, live });
    expect(hit).toMatchObject({ outcome: 'done', sha256: hello.sha256, size: 5, losses: [] });
    expect(hit?.details).toEqual({ live, modifiedNs: expect.stringMatching(/^\d{18,}$/) });
  });

  test(`nothing found ${where} is one ending without a path`, async () => {
    using tree = await searchWorld();
    tree.index();
    const endings = tree.ask({ pattern: { by: 'glob', glob: '**' }, live });
    expect(endings).toMatchObject([{ outcome: 'done', path: null, message: 'No file matches.', losses: [] }]);
  });

  test(`the limit holds ${where}, and it is said that there were more`, async () => {
    using tree = await searchWorld();
    for (const name of ['a', 'b', 'c']) {
      tree.make(name, 'hello');
    }
    tree.index();
    for (const pattern of [
      { by: 'glob' as const, glob: '**' },
      { by: 'sha256' as const, sha256: hello.sha256 },
    ]) {
      const endings = tree.ask({ pattern, live, limit: 2 });
      expect(endings.map(({ losses }) => losses)).toEqual([['there are more files than the limit of 2'], []]);
      expect(tree.ask({ pattern, live, limit: 3 }).map(({ losses }) => losses)).toEqual([[], [], []]);
    }
  });

  test(`what the policy of the endpoint denies is left out ${where}, and counted`, async () => {
    using tree = await searchWorld();
    tree.make('open', 'hello');
    tree.make('private/secret', 'hello');
    tree.index();
    const rule = { name: 'private', verbs: ['search' as const], globs: [`${tree.file('private')}/**`] };
    const policy = { ...openPolicy, rules: [rule] };
    for (const pattern of [
      { by: 'regex' as const, regex: '.' },
      { by: 'sha256' as const, sha256: hello.sha256 },
    ]) {
      const endings = tree.ask({ pattern, live, policy });
      expect(pathsOf(endings, tree.world.files)).toEqual(['open']);
      expect(endings[0]?.losses).toEqual([expect.stringMatching(/^1 files were left out, because the policy/)]);
    }
  });

  test.if(isRoot)(`where a file really is counts for the policy ${where}, whichever link leads there`, async () => {
    using tree = await searchWorld();
    tree.make('base/real/secret', 'hello');
    symlinkSync('real', tree.file('base/link'));
    // Only a link that nobody but root could have made is followed, so that it needs a way that is root's alone.
    const trusted = mkdtempSync('/root/custody-search-');
    try {
      renameSync(tree.file('base'), path.join(trusted, 'base'));
      const roots = [pathOf(path.join(trusted, 'base/link'))];
      const index = openIndex(tree.database);
      scan({ room: tree.room, index, roots, skip: [], watches: undefined });
      index.close();
      const rule = { name: 'r', verbs: ['search' as const], globs: [`${path.join(trusted, 'base/real')}/**`] };
      const parameters = {
        ...{ verb: 'search' as const, live, under: null, limit: 10 },
        pattern: { by: 'glob' as const, glob: '**/secret' },
      };
      const job = { database: tree.database, roots, skip: [], patience: 60_000, parameters };
      expect(search(tree.room, { ...job, policy: openPolicy })).toMatchObject([{ sha256: hello.sha256 }]);
      const denied = search(tree.room, { ...job, policy: { ...openPolicy, rules: [rule] } });
      expect(denied).toMatchObject([{ path: null, losses: [expect.stringMatching(/^1 files were left out/)] }]);
    } finally {
      rmSync(trusted, { recursive: true });
    }
  });

  test(`a file that runs is found ${where} with the processes that run it`, async () => {
    using tree = await searchWorld();
    copyFileSync('/bin/sleep', tree.file('sleeper'));
    spawnSync('chmod', ['755', tree.file('sleeper')]);
    tree.index();
    const child = spawn(tree.file('sleeper'), ['60'], { stdio: 'ignore' });
    try {
      const running = () => tree.ask({ pattern: { by: 'glob', glob: '**/sleeper' }, live })[0]?.details.running;
      const processes = await until(running, 'the process');
      expect(processes.map(({ pid }) => pid)).toEqual([child.pid ?? 0]);
    } finally {
      child.kill('SIGKILL');
    }
  });
}

test('a live search sees what the index does not know yet, and only below the directory that it is given', async () => {
  using tree = await searchWorld();
  tree.make('before', 'hello');
  tree.index();
  tree.make('later/x', 'hello');
  tree.make('own/x', 'hello');
  const pattern = { by: 'sha256' as const, sha256: hello.sha256 };
  expect(pathsOf(tree.ask({ pattern }), tree.world.files)).toEqual(['before']);
  expect(pathsOf(tree.ask({ pattern, live: true }), tree.world.files)).toEqual(['before', 'later/x']);
  const under = pathOf(tree.file('later'));
  expect(pathsOf(tree.ask({ pattern, live: true, under }), tree.world.files)).toEqual(['later/x']);
});

test('what a search finds fits one report with every path, and what does not is told to be missing', async () => {
  using tree = await searchWorld();
  const index = openIndex(tree.database);
  const text = 'x'.repeat(3_000);
  const facts = {
    size: 1,
    modifiedNs: '1',
    changedNs: '1',
    createdNs: null,
    mode: 0,
    uid: 0,
    gid: 0,
    owner: 'root',
    package: null,
  };
  const more = { kind: 'other' as const, inode: '1', settled: true, ...hello };
  index.transaction(() => {
    for (let number = 0; number < 2_000; number += 1) {
      index.put(Buffer.from(`/${text}`), Buffer.from(String(number)), { ...facts, ...more });
    }
  });
  index.markComplete();
  index.close();
  const endings = tree.ask({ pattern: { by: 'sha256', sha256: hello.sha256 }, limit: 10_000 });
  expect(endings[0]?.losses).toEqual([expect.stringContaining('a report holds no more files')]);
  const files = endings.map((each, ordinal) => ({ ...each, ordinal }));
  expect(encode(files).length).toBeLessThan(limits.frameBytes - 64 * 1_024);
  expect(files.length).toBeGreaterThan(1_000);
});

test('an index whose first scan has not ended says so', async () => {
  using tree = await searchWorld();
  const [ending] = tree.ask({ pattern: { by: 'glob', glob: '**' } });
  expect(ending?.losses).toEqual([expect.stringContaining('first scan has not come to its end')]);
});

test('a quarantine by hash learns every path from the index', async () => {
  using tree = await searchWorld();
  tree.make('a', 'hello');
  tree.make('b/c', 'hello');
  tree.make('d', 'other');
  tree.index();
  const paths = pathsWithHash(tree.database, hello.sha256).map((each) =>
    path.relative(tree.world.files, displayPath(each)),
  );
  expect(paths).toEqual(['a', 'b/c']);
});

test('links are not followed, special files not opened, and names of any bytes found', async () => {
  using tree = await searchWorld();
  tree.make('d/f', 'hello');
  symlinkSync('..', tree.file('d/up'));
  symlinkSync('/etc', tree.file('d/etc'));
  symlinkSync('f', tree.file('d/alias'));
  spawnSync('mkfifo', [tree.file('d/fifo')]);
  writeFileSync(Buffer.concat([Buffer.from(`${tree.world.files}/d/`), Buffer.from([0xff, 0x0a])]), 'hello');
  const endings = tree.ask({ pattern: { by: 'regex', regex: '.' }, live: true });
  expect(pathsOf(endings, tree.world.files)).toEqual(['d/\\xff\\x0a', 'd/f']);
  expect(endings[0]?.losses).toEqual([]);
});

test('file systems that the kernel makes up are not searched, also when they are asked for', async () => {
  using tree = await searchWorld();
  const [ending] = tree.ask({ pattern: { by: 'glob', glob: '**' }, live: true, under: pathOf('/proc/self') });
  expect(ending).toMatchObject({ path: null, losses: [expect.stringContaining('it is not searched')] });
  const [status] = tree.ask({ pattern: { by: 'path', path: pathOf('/proc/self/status') }, live: true });
  expect(status?.path).toBeNull();
});

test.if(isRoot)('another file system is not entered, and a directory that is missing is told', async () => {
  using tree = await searchWorld();
  mkdirSync(tree.file('mount'));
  spawnSync('mount', ['-t', 'tmpfs', 'none', tree.file('mount')]);
  try {
    tree.make('mount/f', 'hello');
    const [ending] = tree.ask({ pattern: { by: 'glob', glob: '**' }, live: true });
    expect(ending).toMatchObject({ path: null, losses: [expect.stringContaining('other file systems')] });
  } finally {
    spawnSync('umount', [tree.file('mount')]);
  }
  const [missing] = tree.ask({ pattern: { by: 'glob', glob: '**' }, live: true, under: pathOf(tree.file('none')) });
  expect(missing?.losses).toEqual([expect.stringContaining('ENOENT')]);
});

test('a directory that is swapped for a link while it is walked leads nowhere else', async () => {
  using tree = await searchWorld();
  const outside = mkdtempSync(path.join(tmpdir(), 'custody-outside-'));
  try {
    writeFileSync(path.join(outside, 'secret'), 'secret');
    const directories = ['one', 'two'];
    for (const name of directories) {
      tree.make(`${name}/inside`, 'hello');
    }
    const losses: string[] = [];
    const tools = {
      ...{ platform: tree.room.platform, skipped: new Set<string>(), progress: () => undefined },
      couldNotRead: (what: string) => losses.push(what),
      lose: (words: string) => losses.push(words),
    };
    const seen: string[] = [];
    for (const file of walk(tools, pathOf(tree.world.files))) {
      seen.push(path.relative(tree.world.files, displayPath(file.path)));
      // Both are known to be directories by now, and one of them is still to be entered.
      const other = seen[0] === 'one/inside' ? 'two' : 'one';
      renameSync(tree.file(other), tree.file('moved'));
      symlinkSync(outside, tree.file(other));
    }
    expect(seen).toHaveLength(1);
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test('what is no regular expression is refused', async () => {
  using tree = await searchWorld();
  tree.index();
  for (const live of [false, true]) {
    const endings = tree.ask({ pattern: { by: 'regex', regex: '(' }, live });
    expect(endings).toMatchObject([{ outcome: 'refused', reason: 'order_rejected' }]);
  }
});

test('a search that takes too long tells what it has found, and that it was broken off', async () => {
  using tree = await searchWorld();
  tree.make('a', 'hello');
  const [ending] = tree.ask({ pattern: { by: 'glob', glob: '**' }, live: true, patience: -1 });
  expect(ending).toMatchObject({ outcome: 'interrupted', message: expect.stringContaining('took too long') });
});

test('a regular expression that never comes to an end takes nothing but its child with it', async () => {
  using tree = await searchWorld();
  tree.make('a'.repeat(250), 'hello');
  tree.index();
  await using server = await TinyServer.start();
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const child = { command: childCommand(), clock: systemClock, log, patience: 1_500 };
  const regex = `^${'.*'.repeat(12)}b$`;
  const parameters = {
    verb: 'search' as const,
    pattern: { by: 'regex' as const, regex },
    live: false,
    under: null,
    limit: 10,
  };
  const order: Order & { readonly parameters: SearchParameters } = {
    ...server.makeOrder(parameters).order,
    parameters,
  };
  const room = { child, clock: systemClock, database: tree.database, roots: [tree.world.files], skip: [] };
  const heed = { signal: new AbortController().signal, gate: new TaskGate(() => false) };
  const files = await performSearch(room, { order, policy: openPolicy }, heed);
  expect(files).toMatchObject([{ outcome: 'interrupted', message: expect.stringContaining('did not come to an end') }]);
});
