import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Journal } from '#agent/journal/journal.ts';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { fittingReport } from '#agent/tasks/fitting-report.ts';
import { actionIdSchema } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import type { Log } from '#core/ports/log.ts';
import { day } from '#core/time.ts';
import { decode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import { type Report, reportSchema } from '#wire/report.ts';
import { newTask, pathOf, sha256Of } from './vault-world.ts';

const signed = { bytes: new Uint8Array([1, 2, 3]), signature: new Uint8Array(64) };
const report = { bytes: new Uint8Array([4]), signature: new Uint8Array(64).fill(1) };

function journalWorld() {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-journal-'));
  const errors: string[] = [];
  const quiet = () => undefined;
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (message) => void errors.push(message) };
  return {
    ...{ directory, errors },
    open: () => Journal.open(durableFiles, directory, log),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

test('a journal that is opened again has every open task, in order of arrival, and every unconfirmed report', async () => {
  using world = journalWorld();
  const { journal } = await world.open();
  const [first, second, third, fourth] = [newTask(), newTask(), newTask(), newTask()];
  const begun = await journal.receive(first, 10, signed);
  await journal.receive(second, 10, signed);
  const ended = await journal.receive(third, 10, signed);
  const confirmed = await journal.receive(fourth, 10, signed);
  await journal.begin(begun, 5);
  await journal.end(ended, report);
  await journal.end(confirmed, report);
  await journal.markRecorded(fourth);

  const again = await world.open();
  expect(again.open.map(({ taskId, state }) => [taskId, state])).toEqual([
    [first, 'begun'],
    [second, 'received'],
  ]);
  expect(again.open[0]?.order.bytes).toEqual(signed.bytes);
  expect(again.journal.unrecorded).toEqual([third]);
  expect(await again.journal.report(fourth)).toEqual(report);
  expect(again.journal.stateOf(fourth)).toBe('recorded');
});

test('a task is remembered until thirty days after its deadline, and only then forgotten', async () => {
  using world = journalWorld();
  const { journal } = await world.open();
  const [taskId, unconfirmed] = [newTask(), newTask()];
  await journal.end(await journal.receive(taskId, 1_000, signed), report);
  await journal.end(await journal.receive(unconfirmed, 1_000, signed), report);
  await journal.markRecorded(taskId);
  await journal.forget(1_000 + 30 * day);
  expect(journal.stateOf(taskId)).toBe('recorded');
  await journal.forget(1_001 + 30 * day);
  expect([journal.stateOf(taskId), journal.stateOf(unconfirmed)]).toEqual([undefined, 'reported']);
  expect(readdirSync(world.directory)).toEqual([unconfirmed]);
});

test('a damaged entry is said aloud and its task is known, so that it is never executed again', async () => {
  using world = journalWorld();
  const taskId = newTask();
  writeFileSync(path.join(world.directory, taskId), 'garbage');
  writeFileSync(path.join(world.directory, `${newTask()}.1-1.new`), 'half written');
  const { journal, open } = await world.open();
  expect([open, journal.stateOf(taskId)]).toEqual([[], 'damaged']);
  expect(world.errors).toHaveLength(1);
});

test('a report of very many files is shortened until it fits a frame, and still is a report', () => {
  const many: Report = {
    v: 1,
    endpointId: endpointIdSchema.parse('a'.repeat(32)),
    actionId: actionIdSchema.parse('1'),
    taskId: newTask(),
    startedAt: 1,
    finishedAt: 2,
    files: Array.from({ length: limits.reportFiles }, (_, ordinal) => ({
      ordinal,
      outcome: ordinal === 7 ? 'not_found' : 'done',
      reason: null,
      message: 'The file’s bytes are on the server.',
      path: pathOf(`/home/someone/a/rather/long/path/${ordinal}`),
      sha256: sha256Of('x'),
      size: 1,
      vaultObject: null,
      effect: null,
      losses: [],
      details: {},
    })),
  };
  const bytes = fittingReport(many);
  expect(bytes.length).toBeLessThan(limits.binaryBytes);
  const read = decode(bytes, reportSchema);
  expect(read.files.map(({ outcome }) => outcome)).toEqual(many.files.map(({ outcome }) => outcome));
  expect(decode(fittingReport({ ...many, files: many.files.slice(0, 8) }), reportSchema).files[7]?.path).toEqual(
    many.files[7]?.path ?? null,
  );
  const losses = Array.from({ length: 12 }, (_, each) => `attribute user.number${each} was not given back (ENOTSUP)`);
  const lossy = many.files.slice(0, 10_000).map((file) => ({ ...file, losses }));
  expect(decode(fittingReport({ ...many, files: lossy }), reportSchema).files[9]).toMatchObject({
    path: many.files[9]?.path,
    losses: ['lost: 12'],
  });
});
