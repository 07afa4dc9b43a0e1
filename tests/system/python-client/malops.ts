import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';
import type { PythonWorld } from './python-world.ts';

const remediationSchema = z.looseObject({ remediationId: z.string() });
const progressSchema = z.looseObject({ end: z.number().nullable(), statusLog: z.array(z.looseObject({})) });

const since = { time: new Date(Date.now() - 86_400_000).toISOString().slice(0, 19) };
const then = { time: new Date(Date.now() + 86_400_000).toISOString().slice(0, 19) };

async function openMalop(world: PythonWorld, name: string) {
  const bytes = Buffer.from(`what the Python client sees of ${name}`);
  const path = world.agent(0).put(`${name}.bin`, bytes);
  const fileGuid = await world.known(world.agent(0), path);
  const endpointId = world.agent(0).id;
  const { incident } = await world.client.createIncident({ name, severity: 'high', files: [{ endpointId, path }] });
  return { ...{ path, bytes, fileGuid, endpointId }, id: incident.id, guid: incident.guid };
}

export function malopCases(world: () => PythonWorld): void {
  test('reads MalOps, how one stands and its comments', async () => {
    const { id, guid, fileGuid } = await openMalop(world(), 'evil');
    await world().client.commentOnIncident(id, { text: 'a < b & "c"' });
    const steps = await world().steps(
      { name: 'get_malops', args: [since, then] },
      { name: 'get_malops_v2', args: [since, then] },
      { name: 'get_active_malops' },
      { name: 'get_malop_status', args: [guid] },
      { name: 'get_malop_comments', args: [guid] },
      { name: 'get_malop_status', args: ['11.5'] },
      { name: 'get_malops_labels' },
    );
    const malop = { guid, displayName: 'evil', status: 'Active', severity: 'High' };
    const primaryRootCauseElements = [{ guid: fileGuid, name: 'evil.bin' }];
    expect(steps).toMatchObject([
      { result: [malop] },
      { result: [{ ...malop, investigationStatus: 'Pending', rootCauseElementType: 'File', machines: [{}] }] },
      { result: [{ guidString: guid, managementStatus: 'UNREAD', primaryRootCauseElements }] },
      { result: { guid, status: 'UNREAD', investigationStatus: 'Pending' } },
      { result: [{ message: 'a < b & "c"' }] },
      { error: 'ClientError' },
      { result: [] },
    ]);
  });

  test('reads more MalOps than one page has, each once', async () => {
    for (let count = 0; count < 101; count += 1) {
      await world().client.createIncident({ name: `one of many ${count}`, severity: 'low' });
    }
    const total = (await world().client.listIncidents({ limit: 1 })).total;
    const malops = z
      .array(z.looseObject({ guid: z.string() }))
      .parse(await world().result('get_malops_v2', [since, then]));
    expect(malops).toHaveLength(total);
    expect(new Set(malops.map(({ guid }) => guid)).size).toBe(total);
  });

  test('has a file quarantined, follows that to its end, and sees it among the malware', async () => {
    const { guid, path, fileGuid } = await openMalop(world(), 'taken');
    const machine = `${fileGuid.split('.')[0]}.1198775089551518743`;
    const actionsByMachine = { [machine]: [{ targetId: fileGuid, actionType: 'QUARANTINE_FILE' }] };
    const [before, started] = await world().steps(
      { name: 'has_malop_history', args: [guid] },
      { name: 'post', args: ['remediate', { malopId: guid, actionsByMachine }] },
    );
    expect(before).toEqual({ result: false });
    const { remediationId } = remediationSchema.parse((started as { readonly result: unknown }).result);
    const ended = await until('the remediation is over', async () => {
      const progress = await world().result('get', [`remediate/progress/ana@example.com/${guid}/${remediationId}`]);
      const { end, statusLog } = progressSchema.parse(progress);
      return end === null ? undefined : statusLog.at(-1);
    });
    expect(ended).toMatchObject({ status: 'SUCCESS', targetId: fileGuid, error: null });
    expect(existsSync(path)).toBe(false);
    expect(
      await world().steps({ name: 'has_malop_history', args: [guid] }, { name: 'get_malware_alerts' }),
    ).toMatchObject([
      { result: true },
      { result: [{ name: 'taken.bin', status: 'Quarantined', referenceGuid: fileGuid, id: { elementType: 'File' } }] },
    ]);
  });

  test('sees what others have had quarantined, and can filter it', async () => {
    const { path, bytes, endpointId } = await openMalop(world(), 'also taken');
    await world().client.quarantineFile({ endpointIds: [endpointId], path, sha256: sha256(bytes) });
    await until(`${path} is taken`, () => !existsSync(path));
    await until('the server knows', async () => (await world().client.listQuarantine({ state: ['held'] })).total > 1);
    const filters = [{ fieldName: 'name', operator: 'Equals', values: ['also taken.bin'] }];
    const wrong = [{ fieldName: 'nowhere', operator: 'Equals', values: ['x'] }];
    expect(
      await world().steps(
        { name: 'get_malware_alerts' },
        { name: 'get_malware_alerts', args: [filters] },
        { name: 'get_malware_alerts', args: [wrong] },
      ),
    ).toMatchObject([
      { result: [{ name: 'also taken.bin' }, { name: 'taken.bin' }] },
      { result: [{ name: 'also taken.bin' }] },
      { error: 'Failure', message: expect.stringContaining('nowhere is no field of malware') },
    ]);
  });
}
