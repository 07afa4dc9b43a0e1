import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import type { FileReport } from '#core/verbs/received-report.ts';
import { recordReports } from '#core/verbs/record-reports.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

test('A fetch that an agent calls done, but whose bytes are not held, is no success.', async () => {
  await using ports = await openPorts();
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
    sha256: sha256Of(new TextEncoder().encode('never sent')),
    size: 10,
    vaultObject: null,
    effect: null,
    losses: [],
    details: {},
  };
  const signed = { bytes: new Uint8Array(1), signature: new Uint8Array(64) };
  const taskId = task?.id ?? expect.unreachable();
  await recordReports(ports, [{ endpoint, actionId: action.id, taskId, finishedAt: 1, files: [file], signed }]);
  const { status, tasks } = await describeAction(ports, action.id);
  expect(status).toBe('failed');
  expect(tasks[0]?.outcomes[0]).toMatchObject({ outcome: 'interrupted', reason: 'upload_failed' });
  expect(tasks[0]?.outcomes[0]?.message).toContain('Fetch it again');
});
