import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lineage } from '#agent/identity/lineage.ts';
import { machineMark } from '#agent/platform/machine-mark.ts';
import type { Log } from '#core/ports/log.ts';
import { machineMarkSchema } from '#wire/machine.ts';

function open(file: string) {
  const errors: string[] = [];
  const ignore = () => undefined;
  const log: Log = { debug: ignore, info: ignore, warn: ignore, error: (message) => void errors.push(message) };
  return { errors, lineage: new Lineage(file, { machine: { system: null, hardware: null }, log }) };
}

function inDirectory(body: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), 'custody-lineage-'));
  try {
    body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('The number of the last welcome is 0 at first, and there again after a restart.', () => {
  inDirectory((directory) => {
    const file = join(directory, 'lineage.json');
    const { lineage } = open(file);
    expect(lineage.generation).toBe(0);
    expect(lineage.keep(7)).toBe(true);
    expect([lineage.generation, open(file).lineage.generation]).toEqual([7, 7]);
  });
});

test('A number that could not be made durable is not told to the server, and the one before goes on to count.', () => {
  inDirectory((directory) => {
    const { lineage, errors } = open(join(directory, 'gone', 'lineage.json'));
    expect(lineage.keep(7)).toBe(false);
    expect([lineage.generation, errors.length]).toEqual([0, 1]);
  });
});

test('What cannot be read counts as nothing, and is said.', () => {
  inDirectory((directory) => {
    const file = join(directory, 'lineage.json');
    for (const text of ['', '{}', '{"v":1,"generation":-1}', '{"v":2,"generation":1}']) {
      writeFileSync(file, text);
      const { lineage, errors } = open(file);
      expect([lineage.generation, errors.length]).toEqual([0, 1]);
    }
  });
});

test('A machine is told by digests: the ids themselves leave it nowhere.', () => {
  const mark = machineMarkSchema.parse(machineMark());
  expect(machineMark()).toEqual(mark);
  const ids = ['/etc/machine-id', '/sys/class/dmi/id/product_uuid'].flatMap((file) => {
    try {
      return readFileSync(file, 'utf8').trim().toLowerCase().replaceAll('-', '') || [];
    } catch {
      return [];
    }
  });
  for (const id of ids) {
    expect(JSON.stringify(mark)).not.toContain(id);
  }
});
