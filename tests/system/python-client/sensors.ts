import { expect, test } from 'bun:test';
import { z } from 'zod';
import { until } from '#kit/until.ts';
import { admin, type PythonWorld } from './python-world.ts';

const sensorsSchema = z.array(z.looseObject({ sensorId: z.string(), pylumId: z.string(), status: z.string() }));
const logsSchema = z.object({ base64: z.string() });

async function sensorIdOf(world: PythonWorld, index: number): Promise<string> {
  const sensors = sensorsSchema.parse(await world.result('get_sensors'));
  const head = world.agent(index).id.slice(0, 12).toUpperCase();
  return sensors.find(({ pylumId }) => pylumId.endsWith(`_${head}`))?.sensorId ?? '';
}

const done = (Succeeded: number, Failed: number) => ({
  ...{ initiatorUser: admin.username, finalState: true, totalNumberOfProbes: Succeeded + Failed },
  globalStats: { stats: expect.objectContaining({ Succeeded, Failed }) },
});

export function sensorCases(world: () => PythonWorld): void {
  test('lists sensors, all and some, and in pages', async () => {
    const filters = [{ fieldName: 'status', operator: 'Equals', values: ['Offline'] }];
    const steps = await world().steps(
      { name: 'get_sensors' },
      { name: 'get_sensors', kwargs: { filters } },
      { name: 'aiter_pages', args: ['sensors/query', { filters: [] }, 'sensors'], kwargs: { page_size: 1 } },
      { name: 'get_sensors_overview' },
    );
    const online = { status: 'Online', osType: 'LINUX', groupName: 'Unassigned' };
    expect(steps).toMatchObject([
      { result: [online, online] },
      { result: [] },
      { result: [online, online] },
      { result: { onlineCount: 2, offlineCount: 0, staleCount: 0, archivedCount: 0 } },
    ]);
    const [all, , inPages] = steps.map((step) => JSON.stringify(step));
    expect(inPages).toBe(all ?? '');
  });

  test('is told that a filter is wrong, and what is wrong with it', async () => {
    const nowhere = [{ fieldName: 'nowhere', operator: 'Equals', values: ['x'] }];
    const nohow = [{ fieldName: 'status', operator: 'Nohow', values: ['x'] }];
    expect(
      await world().steps(
        { name: 'get_sensors', kwargs: { filters: nowhere } },
        { name: 'get_sensors', kwargs: { filters: nohow } },
      ),
    ).toMatchObject([
      { error: 'ClientError', message: expect.stringContaining('Sensors have no field') },
      { error: 'ClientError', message: expect.stringContaining('an operator that is not known') },
    ]);
  });

  test('lists archived sensors, or leaves them out', async () => {
    const sensorsIds = [await sensorIdOf(world(), 1)];
    const act = (name: string) => ({ name: 'post', args: [`sensors/action/${name}`, { sensorsIds, argument: 'why' }] });
    const steps = await world().steps(
      act('archive'),
      { name: 'get_sensors' },
      { name: 'get_sensors', kwargs: { archived: false } },
      act('unarchive'),
      { name: 'get_sensors', kwargs: { archived: false } },
      { name: 'get_sensors_actions' },
    );
    const archived = expect.objectContaining({ sensorId: sensorsIds[0], status: 'Archived' });
    expect(steps).toMatchObject([
      { result: { actionType: 'Archive', ...done(1, 0) } },
      { result: expect.arrayContaining([archived]) },
      { result: [{ status: 'Online' }] },
      { result: { actionType: 'Unarchive', ...done(1, 0) } },
      { result: [{}, {}] },
      { result: [{ actionType: 'Unarchive' }, { actionType: 'Archive' }] },
    ]);
  });

  test('fetches the logs of a sensor', async () => {
    const { base64 } = logsSchema.parse(await world().result('get_sensors_logs', [await sensorIdOf(world(), 0)]));
    const bytes = Buffer.from(base64, 'base64');
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
    expect(bytes.includes('agent.log')).toBe(true);
    expect(await world().steps({ name: 'get_sensors_logs', args: ['nobody'] })).toMatchObject([
      { error: 'ResourceNotFoundError' },
    ]);
  });

  test('knows the one group, and that there are no policies', async () => {
    const id = '00000000-0000-0000-0000-000000000000';
    const group = { id, name: 'Unassigned', groupAssignRule: null, policyId: '' };
    expect(
      await world().steps(
        { name: 'get_groups' },
        { name: 'get_group_by_name', args: ['Unassigned'] },
        { name: 'get_group_by_id', args: [id] },
        { name: 'get_group_by_id', args: ['another'] },
        { name: 'get_policies' },
        { name: 'get_default_policy' },
      ),
    ).toMatchObject([
      { result: [group] },
      { result: group },
      { result: group },
      { error: 'ResourceNotFoundError' },
      { result: [] },
      { error: 'ResourceNotFoundError', message: 'Default policy not found' },
    ]);
  });
}

export function sensorActionCases(world: () => PythonWorld): void {
  test('sees that what no agent can do has failed, and that the sensor is as it was', async () => {
    const id = await sensorIdOf(world(), 0);
    const before = await world().result('get_sensors');
    const steps = await world().steps(
      { name: 'uninstall_sensor', args: [id] },
      { name: 'remove_sensor', args: [id] },
      { name: 'add_to_group', args: ['00000000-0000-0000-0000-000000000000', id] },
      { name: 'remove_from_group', args: [id] },
      { name: 'set_remote_shell_mode', args: [id], kwargs: { enabled: true } },
      { name: 'set_app_control_mode', args: [id], kwargs: { enabled: true } },
    );
    expect(steps).toMatchObject(steps.map(() => ({ result: done(0, 1) })));
    const withoutTimes = (sensors: unknown) =>
      sensorsSchema.parse(sensors).map(({ sensorId, status, remoteShellStatus, preventionStatus, groupId }) => ({
        ...{ sensorId, status, remoteShellStatus, preventionStatus, groupId },
      }));
    expect(withoutTimes(await world().result('get_sensors'))).toEqual(withoutTimes(before));
  });

  test('deletes a sensor, and is told of a batch that is unknown', async () => {
    const agent = await world().addAgent();
    const id = await sensorIdOf(world(), world().agents.indexOf(agent));
    const [deleted, sensors, aborted] = await world().steps(
      { name: 'delete_sensor', args: [id] },
      { name: 'get_sensors' },
      { name: 'get', args: ['sensors/abort/5'] },
    );
    expect(deleted).toMatchObject({ result: { actionType: 'Delete', ...done(1, 0) } });
    expect(sensors).toMatchObject({ result: [{}, {}] });
    expect(aborted).toMatchObject({ error: 'ClientError', message: expect.stringContaining('UNKNOWN BATCH') });
    await until('the agent has ended, because it is refused for good', async () => !agent.program.isRunning);
  });
}
