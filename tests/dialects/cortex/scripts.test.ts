import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { type Answer, badHash, badPath, type CortexWorld, openWorld } from './world.ts';

let world: CortexWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

const exists = '414763381b5bfb7b05796c9fe690df46';
const remove = '548023b6e4a01ec51a495ba6e5d2a15d';

const both = () => [
  { field: 'endpoint_id_list', operator: 'in', value: [world.web.endpoint.id, world.mac.endpoint.id] },
];

const run = (script: string, values: Json, filters: Json = both()): Promise<Answer> =>
  world.call('scripts/run_script/', {
    script_uid: script,
    timeout: 600,
    filters,
    parameters_values: values,
    incident_id: 3,
  });

async function resultsOf({ reply }: Answer): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const results = await world.call('scripts/get_script_execution_results/', {
    action_id: reply['action_id'] as string,
  });
  expect(results.status).toBe(200);
  return results.reply['results'] as readonly Readonly<Record<string, unknown>>[];
}

async function statusOf({ reply }: Answer): Promise<Readonly<Record<string, unknown>>> {
  const id = Number(reply['action_id']);
  return (await world.call('scripts/get_script_execution_status', { action_id: id })).reply;
}

describe('file_exists', () => {
  test('tells of each endpoint whether there is a file, and changes nothing', async () => {
    const started = await run(exists, { path: '/srv/good.txt' });
    expect(started.reply).toMatchObject({ status: 1, endpoints_count: '2' });
    expect(await statusOf(started)).toEqual({
      general_status: 'PENDING',
      error_message: '',
      endpoints_pending: 2,
      endpoints_in_progress: 0,
      endpoints_completed_successfully: 0,
      endpoints_failed: 0,
      endpoints_pending_abort: 0,
      endpoints_canceled: 0,
      endpoints_aborted: 0,
      endpoints_expired: 0,
      endpoints_timeout: 0,
    });
    expect((await resultsOf(started))[0]).toMatchObject({ execution_status: 'PENDING', _return_value: null });
    await world.work();
    expect(await statusOf(started)).toMatchObject({
      general_status: 'COMPLETED_SUCCESSFULLY',
      endpoints_completed_successfully: 2,
    });
    expect(await resultsOf(started)).toEqual([
      {
        endpoint_name: 'web-1',
        endpoint_ip_address: world.web.endpoint.addresses,
        endpoint_status: expect.stringMatching(/^STATUS_0\d0_[A-Z]+$/),
        domain: world.web.endpoint.domain,
        endpoint_id: world.web.endpoint.id,
        execution_status: 'COMPLETED_SUCCESSFULLY',
        standard_output: null,
        retrieved_files: 0,
        failed_files: 0,
        retention_date: null,
        _return_value: 'True',
      },
      expect.objectContaining({ endpoint_name: 'mac-1', _return_value: 'False' }),
    ]);
  });
});

describe('delete_file', () => {
  test('takes the file into the vault whatever its bytes are, and Restore File brings it back', async () => {
    const started = await run(remove, { file_path: badPath });
    await world.work();
    expect(await resultsOf(started)).toMatchObject([
      {
        execution_status: 'COMPLETED_SUCCESSFULLY',
        _return_value: 'True',
        standard_output: expect.stringContaining(badHash),
      },
      { execution_status: 'COMPLETED_SUCCESSFULLY', _return_value: 'True' },
    ]);
    expect(world.web.disk.has(badPath)).toBe(false);
    const listed = { endpoint_id: world.web.endpoint.id, file_path: badPath, file_hash: badHash };
    expect((await world.call('quarantine/status', { files: [listed] })).reply).toMatchObject([{ status: true }]);
    expect((await world.call('endpoints/restore', { file_hash: badHash })).reply).toMatchObject({
      endpoints_count: '2',
    });
    await world.work();
    expect(world.web.disk.has(badPath)).toBe(true);
  });

  test('fails where there is no such file, and says so', async () => {
    const started = await run(remove, { file_path: '/srv/nothing' });
    await world.work();
    expect(await statusOf(started)).toMatchObject({ general_status: 'FAILED', endpoints_failed: 2 });
    expect((await resultsOf(started))[0]).toMatchObject({
      execution_status: 'FAILED',
      _return_value: 'False',
      standard_output: 'There is no such file on the endpoint.',
    });
  });

  test('is not for every endpoint at once, nor for whoever may only look for files', async () => {
    expect((await run(remove, { file_path: badPath }, 'all')).reply['err_extra']).toContain('name the endpoints');
    const investigator = await world.key('Investigator');
    const body = { script_uid: remove, filters: both(), parameters_values: { file_path: badPath } };
    expect((await world.call('scripts/run_script', body, investigator)).status).toBe(403);
    const look = { script_uid: exists, filters: both(), parameters_values: { path: badPath } };
    expect((await world.call('scripts/run_script', look, investigator)).status).toBe(200);
    await world.work();
  });
});

describe('Every other script', () => {
  test.each([
    ['another uid', { script_uid: 'a6f7683c8e217d85bd3c398f0d3fb6bf' }, 'script_uid'],
    ['a parameter of another script', { parameters_values: { file_path: badPath } }, 'takes path only'],
    ['no parameter', { parameters_values: null }, 'path'],
    ['a path that is none', { parameters_values: { path: 'srv/x' } }, 'is not a valid escaped full path'],
    ['a path that is no text', { parameters_values: { path: { toString: null } } }, 'must be a string'],
    ['no endpoints', { filters: [] }, 'filters'],
  ])('%s is refused', async (_, change, words) => {
    const fields = { script_uid: exists, filters: both(), parameters_values: { path: badPath } };
    const answer = await world.call('scripts/run_script', { ...fields, ...change } as never);
    expect(answer).toMatchObject({ status: 500, reply: { err_code: 500, err_extra: expect.stringContaining(words) } });
  });

  test.each([
    'run_snippet_code_script',
    'get_script_code/',
    'get_script_execution_results_files/',
    'get_script_execution_result_files',
  ])('%s is refused, and says what to do instead', async (name) => {
    const answer = await world.call(`scripts/${name}`, { snippet_code: 'import os', script_uid: exists, action_id: 1 });
    expect(answer).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('this server') } });
  });

  test('what is no run of a script has no results', async () => {
    const scan = await world.call('endpoints/scan', { filters: 'all' }, await world.key('Instance Administrator'));
    for (const id of [String(scan.reply['action_id']), '7', '9'.repeat(30)]) {
      for (const name of ['get_script_execution_status', 'get_script_execution_results']) {
        const answer = await world.call(`scripts/${name}`, { action_id: id });
        expect(answer).toMatchObject({
          status: 500,
          reply: { err_extra: expect.stringContaining('No script was run') },
        });
      }
    }
  });
});

test('the library lists what there is, by every filter, and describes it', async () => {
  const names = async (field: string, operator: string, value: Json) => {
    const { reply } = await world.call('scripts/get_scripts/', { filters: [{ field, operator, value }] });
    return (reply['scripts'] as readonly { name: string }[]).map((script) => script.name);
  };
  expect((await world.call('scripts/get_scripts', {})).reply).toMatchObject({ result_count: 2 });
  expect(await names('name', 'in', ['FILE_exists'])).toEqual(['file_exists']);
  expect(await names('description', 'contains', 'vault')).toEqual(['delete_file']);
  expect(await names('is_high_risk', 'eq', true)).toEqual(['delete_file']);
  expect(await names('macos_supported', 'in', ['true'])).toEqual(['file_exists']);
  expect(await names('script_uid', 'in', [remove])).toEqual(['delete_file']);
  const { reply } = await world.call('scripts/get_script_metadata', { script_uid: remove.toUpperCase() });
  expect(reply).toMatchObject({ name: 'delete_file', script_input: [{ name: 'file_path', type: 'string' }] });
  expect((await world.call('scripts/get_script_metadata', { script_uid: 'x' })).status).toBe(500);
});
