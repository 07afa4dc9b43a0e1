import { describe, expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '#cli/context.ts';
import { openProgress } from '#cli/progress.ts';
import { table, wholeTable } from '#cli/table.ts';
import type { Terminal } from '#cli/terminal.ts';
import { actionIdSchema } from '#core/action/action-id.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { guard } from '#kit/ports.ts';
import { until } from '#kit/until.ts';
import { type CommandWorld, openCommands } from './command-world.ts';

const bytes = new TextEncoder().encode('bad bytes');
const sha256 = sha256Of(bytes);
const path = '/srv/bad.bin';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const clearLine = '\r\u001b[2K';

/** A terminal that remembers what was drawn. */
function openTerminal(columns = 80) {
  const seen = { drawn: '', interrupted: [] as (() => void)[] };
  const terminal: Terminal = {
    columns,
    draw(text) {
      seen.drawn += text;
    },
    onInterrupt(undo) {
      seen.interrupted.push(undo);
      return () => void seen.interrupted.splice(seen.interrupted.indexOf(undo), 1);
    },
  };
  return { terminal, seen };
}

async function openFleet(machines: number) {
  const world = await openCommands();
  const agents: TestAgent[] = [];
  for (let number = 1; number <= machines; number += 1) {
    const endpoint = await enrolMachine(world.ports, { hostName: `web-${number}` });
    await inventory(world.ports, endpoint, [fileFacts(path, bytes)]);
    agents.push(startAgent(world.ports, endpoint, { [path]: bytes }));
  }
  const work = async () => {
    for (const agent of agents) {
      await agent.work();
    }
  };
  return { world, work, ids: agents.map(({ endpoint }) => endpoint.id), data: ['--data', world.directory] };
}

async function actionsOf(world: CommandWorld): Promise<number> {
  return ((await world.json(['actions', 'list'])) as { readonly total: number }).total;
}

describe('A table', () => {
  const rows = [
    { id: 'a'.repeat(32), path: `/srv/${'deep/'.repeat(20)}evil.bin`, note: 'some words that are long, too' },
    { id: 'b'.repeat(32), path: '/x', note: 'short' },
  ];
  const shown = table(rows, { ID: (row) => row.id, PATH: (row) => row.path, NOTE: (row) => row.note });
  const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

  test('is as wide as it must be where nobody looks on', () => {
    expect(shown.fit(undefined)).toBe(String(shown));
    expect(String(shown)).toContain(rows[0]?.path ?? '');
  });

  test('is fitted by cutting free text, of a path its beginning, and never an id', () => {
    const text = shown.fit(100);
    expect(widest(text)).toBeLessThanOrEqual(100);
    expect(text).toContain(`${'a'.repeat(32)}  …`);
    expect(text).toContain('deep/evil.bin');
  });

  test('leaves out a column that no row has anything in, where room is short', () => {
    const narrow = table(rows, { ID: (row) => row.id, CLAIMED: () => null, NOTE: (row) => row.note });
    expect(narrow.fit(60)).toStartWith(`ID${' '.repeat(32)}NOTE\n`);
    expect(String(narrow)).toContain('CLAIMED');
  });

  test('becomes blocks with nothing lost where cutting is not enough', () => {
    const text = shown.fit(50);
    expect(text).toContain(
      `ID    ${'a'.repeat(32)}\nPATH  ${rows[0]?.path}\nNOTE  some words that are long, too\n\nID`,
    );
  });

  test('that somebody decides by is never cut, nor is one column, whose lines a terminal wraps', () => {
    const whole = wholeTable(rows, { ID: (row) => row.id, PATH: (row) => row.path, EMPTY: () => null });
    expect(whole.fit(200)).toBe(String(whole));
    expect(whole.fit(100)).toStartWith(`ID    ${'a'.repeat(32)}\nPATH  ${rows[0]?.path}\n\nID`);
    const one = table(rows, { NOTE: (row) => `${row.note} ${row.path}` });
    expect(one.fit(40)).toBe(String(one));
  });

  test('beside facts, too, is fitted to the terminal, with what is to be approved whole', async () => {
    const world = await openCommands({ policy: { guard: { ...guard, mostEndpoints: 1 } } });
    await using _ = world;
    const ids: string[] = [];
    for (const hostName of ['web-1', 'web-2']) {
      ids.push((await enrolMachine(world.ports, { hostName })).id);
    }
    const deep = `/srv/${'deep/'.repeat(20)}evil.bin`;
    const held = (await world.json(['quarantine', '--path', deep, '--sha256', sha256, '--endpoint', ...ids])) as {
      readonly id: string;
    };
    const tableOf = async (columns: number, words: readonly string[]) => {
      const { out } = await world.run([...words, '--data', world.directory], openTerminal(columns));
      return out.split('\n\n').slice(1).join('\n\n');
    };
    const action = await tableOf(80, ['actions', 'show', held.id]);
    expect(action).toStartWith('ENDPOINT  STATUS');
    expect(widest(action)).toBeLessThanOrEqual(80);
    const approval = await tableOf(80, ['approvals', 'show', held.id]);
    expect(approval).toStartWith(`ENDPOINT  web-1\nPATH      ${deep}\nSHA256    ${sha256}\n\nENDPOINT  web-2`);
    const restored = await tableOf(40, ['backup', 'restore', 'backup.tar']);
    expect(restored).toStartWith('KEY      3\nROLE     Responder\n');
    expect(widest(restored)).toBeLessThanOrEqual(40);
  });

  test('of a command is fitted to the terminal, and whole in a pipe and as JSON', async () => {
    const { world, data } = await openFleet(1);
    await using _ = world;
    const { terminal } = openTerminal(60);
    const words = ['files', 'find', ...data];
    expect((await world.run(words)).out).toMatch(/^GUID +STATE/);
    expect((await world.run(words, { terminal })).out).toMatch(/^GUID {6}-?\d/);
    const { out } = await world.run([...words, '--json'], { terminal });
    expect(JSON.parse(out)).toMatchObject({ items: [{ sha256 }] });
  });
});

describe('Progress', () => {
  /** Starts a fetch from all, has it done, and looks at it again with `--wait`. */
  async function waited(more: readonly string[], onTerminal = true) {
    const fleet = await openFleet(3);
    const { world, ids, work, data } = fleet;
    const { id } = (await world.json(['fetch', '--endpoint', ...ids, '--path', path])) as { readonly id: string };
    await work();
    const { terminal, seen } = openTerminal();
    const ran = await world.run(['actions', 'show', id, '--wait', ...data, ...more], onTerminal ? { terminal } : {});
    return { world, id, seen, ran, data };
  }

  test('is drawn on a terminal with counts, leaves no trace, and gives the cursor back', async () => {
    const { world, seen, ran } = await waited([]);
    await using _ = world;
    expect(ran.code).toBe(0);
    expect(seen.drawn).toStartWith(hideCursor);
    expect(seen.drawn).toContain('3 of 3 endpoints (fetch)');
    expect(seen.drawn).toMatch(/ {2}\[#+\]/);
    expect(seen.drawn).toEndWith(`${clearLine}${showCursor}`);
    expect(seen.interrupted).toEqual([]);
    expect(ran.err).toBe('');
  });

  test('counts the bytes of a fetch that are safe on the server', async () => {
    const { world, ids, work, data } = await openFleet(2);
    await using _ = world;
    const { id } = (await world.json(['fetch', '--endpoint', ...ids, '--path', path])) as { readonly id: string };
    const { terminal, seen } = openTerminal();
    const waiting = world.run(['actions', 'show', id, '--wait', ...data], { terminal });
    const tasks = await world.ports.store.read((reader) => reader.tasks.byAction(actionIdSchema.parse(id)));
    for (const [index, task] of tasks.entries()) {
      world.ports.uploadProgress.note(task.id, 0, { received: index * 1_572_864, size: 3_145_728 });
    }
    await until('it is drawn', () => seen.drawn.includes('1.5 of 6 MiB (fetch, 0 of 2 endpoints)'));
    await work();
    expect((await waiting).code).toBe(0);
  });

  test.each([['--json'], ['--quiet']])('is not drawn with %s', async (flag) => {
    const { world, seen, ran } = await waited([flag]);
    await using _ = world;
    expect({ code: ran.code, drawn: seen.drawn, err: ran.err }).toEqual({ code: 0, drawn: '', err: '' });
  });

  test('is not drawn in a pipe', async () => {
    const { world, ran } = await waited([], false);
    await using _ = world;
    expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
  });

  test('of a download counts its bytes', async () => {
    const { world, id, data } = await waited([]);
    await using _ = world;
    const { terminal, seen } = openTerminal();
    const output = join(world.directory, 'saved.bin');
    const words = ['evidence', 'get', id, '--output', output, ...data];
    expect((await world.run(words, { terminal })).code).toBe(0);
    expect((await readFile(output)).length).toBeGreaterThan(0);
    expect(seen.drawn).toMatch(/Downloading {2}0(\.\d)? (of [\d.]+ )?MiB/);
    expect(seen.drawn).toEndWith(`${clearLine}${showCursor}`);
  });

  test('gives the cursor back at Ctrl-C, once, and fits a narrow terminal', () => {
    const { terminal, seen } = openTerminal(20);
    const io = {
      environment: {},
      out: async () => undefined,
      err: () => undefined,
      readInput: async () => '',
      terminal,
    };
    const context = { io, programs: {} as Context['programs'] };
    const progress = openProgress(context, {}, 'Working\u001b[2J');
    progress.show({ done: 1, total: 1_000, words: 'endpoints' });
    const line = seen.drawn.replace(`${hideCursor}${clearLine}`, '');
    expect(line).toHaveLength(19);
    expect(line).not.toContain('\u001b');
    for (const undo of [...seen.interrupted]) {
      undo();
    }
    progress.end();
    expect(seen.drawn.split(showCursor)).toHaveLength(2);
    expect(seen.interrupted).toEqual([]);
  });
});

describe('A question', () => {
  const everywhere = ['quarantine', '--sha256', sha256, '--everywhere'];

  test('is asked of a person before many endpoints feel it, wherever results go, and any answer but yes stops it', async () => {
    const { world, data } = await openFleet(2);
    await using _ = world;
    for (const terminal of [openTerminal().terminal, undefined]) {
      const { code, out, err } = await world.run([...everywhere, ...data], {
        typed: '',
        ...(terminal && { terminal }),
      });
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toStartWith(
        '2 files would be taken into the vaults of 2 endpoints, 100 % of the fleet. Go on? [y/N] ',
      );
      expect(err).toContain('Nothing was done');
    }
    expect(await actionsOf(world)).toBe(0);
  });

  test.each([
    ['yes is the answer', 'y', []],
    ['--yes was given', '', ['--yes']],
  ])('lets it go on where %s', async (_what, answer, more) => {
    const { world, data } = await openFleet(2);
    await using _ = world;
    expect((await world.run([...everywhere, ...data, ...more], { typed: answer })).code).toBe(0);
    expect(await actionsOf(world)).toBe(1);
  });

  test('is not asked of scripts, and not where one endpoint alone is meant', async () => {
    const { world, ids, data } = await openFleet(2);
    await using _ = world;
    expect((await world.run([...everywhere, ...data])).code).toBe(0);
    const one = ['quarantine', '--sha256', sha256, '--endpoint', ids[0] ?? '', ...data];
    expect(await world.run(one, { typed: '' })).toMatchObject({ code: 0, err: '' });
  });

  test('is asked before vaults are emptied and endpoints removed', async () => {
    const { world, ids, work, data } = await openFleet(2);
    await using _ = world;
    await world.json(everywhere);
    await work();
    for (const [words, question] of [
      [['vault', 'purge', '--sha256', sha256, '--everywhere'], 'deleted from the vaults of 2 endpoints, for good'],
      [['endpoints', 'revoke', ...ids], '2 endpoints are removed for good'],
      [['hashes', 'block', sha256, '--existing'], 'everywhere'],
    ] as const) {
      const { code, err } = await world.run([...words, ...data], { typed: 'n' });
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(question) });
    }
    expect(await world.json(['hashes', 'list'])).toMatchObject({ total: 0 });
    expect(await world.json(['vault', 'list'])).toMatchObject({ total: 2 });
  });
});

test('--quiet leaves the result and errors, and takes the words between them', async () => {
  const { world, data } = await openFleet(3);
  await using _ = world;
  const words = ['endpoints', 'list', '--limit', '2', ...data];
  expect((await world.run(words)).err).toContain('2 of 3 shown');
  expect(await world.run([...words, '--quiet'])).toMatchObject({ code: 0, err: '' });
  expect((await world.run(['endpoints', 'show', '0'.repeat(32), '-q', ...data])).err).toContain('no endpoint');
});

test('--all-pages lists everything, with --json a line of JSON for each', async () => {
  const { world, data } = await openFleet(3);
  await using _ = world;
  const words = ['endpoints', 'list', '--limit', '1', '--all-pages', ...data];
  const { out, err } = await world.run(words);
  expect({ lines: out.trimEnd().split('\n').length, err }).toEqual({ lines: 4, err: '' });
  const { out: json } = await world.run([...words, '--json', '--offset', '1']);
  const items = json
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(items.map(({ hostName }) => hostName)).toEqual(['web-2', 'web-3']);
});
