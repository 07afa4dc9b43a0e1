import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { verifyHistory } from '#core/verbs/verify-history.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const bytes = new TextEncoder().encode('never sent');

/** A fetch whose agent says that it is done, with a signature and nothing behind it. */
async function claimDone(ports: TestPorts, claim: Pick<FileReport, 'sha256' | 'size'>) {
  const endpoint = await enrolMachine(ports);
  const origin = { principal: administrator, dialect: 'native' } as const;
  const paths = { linux: [parsePath('/srv/file')] };
  const action = await retrieveFiles(ports, { origin, endpointIds: [endpoint.id], paths });
  const [task] = await takeDeliverable(ports, { endpointIds: [endpoint.id] });
  const file: FileReport = {
    ordinal: 0,
    outcome: 'done',
    reason: null,
    message: 'The file’s bytes are on the server.',
    path: parsePath('/srv/file'),
    ...claim,
    vaultObject: null,
    effect: null,
    losses: [],
    details: {},
  };
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  const taskId = task?.id ?? expect.unreachable();
  await recordReports(ports, [{ endpoint, actionId: action.id, taskId, finishedAt: 1, files: [file], signed }]);
  return describeAction(ports, action.id);
}

test('A fetch that an agent calls done, but whose bytes are not held, is no success, and the ledger says so too.', async () => {
  await using ports = await openPorts();
  const { status, tasks } = await claimDone(ports, { sha256: sha256Of(bytes), size: bytes.length });
  expect(status).toBe('failed');
  expect(tasks[0]?.outcomes[0]).toMatchObject({ outcome: 'interrupted', reason: 'upload_failed' });
  expect(tasks[0]?.outcomes[0]?.message).toContain('Fetch it again');
  const [ended] = await ports.store.read(({ events }) => events.list({ types: ['task_finished'] }, 0, 9));
  expect(ended?.facts['files']).toMatchObject([{ outcome: 'interrupted', reason: 'upload_failed' }]);
  expect(await verifyHistory(ports)).toBeUndefined();
});

test.each([
  ['another size than they have', bytes.length + 1, 'failed'],
  ['no size', null, 'failed'],
  ['the size that they have', bytes.length, 'completed_successfully'],
] as const)('A fetch that is called done for bytes that are held, with %s', async (_, size, expected) => {
  await using ports = await openPorts();
  const sha256 = sha256Of(bytes);
  await ports.store.transact(({ evidence }) => evidence.insert({ sha256, size: bytes.length, storedAt: 1 }));
  const { status } = await claimDone(ports, { sha256, size });
  expect(status).toBe(expected);
  expect(await verifyHistory(ports)).toBeUndefined();
});
