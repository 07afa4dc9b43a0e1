import { expect, test } from 'bun:test';
import { type ClientWorld, startedId } from './client-world.ts';

interface Listed {
  readonly reply: { readonly total_count: number; readonly endpoints: readonly { readonly endpoint_id: string }[] };
}

const named = (kind: string, ...names: readonly string[]) => names.map((name) => ({ enum: [kind, name] }));

export function endpointCases(world: () => ClientWorld): void {
  test('lists every endpoint', async () => {
    const all = await world().result('endpoints_api', 'get_all_endpoints');
    const ids = (all as { reply: readonly { agent_id: string }[] }).reply.map(({ agent_id: id }) => id);
    expect(ids.toSorted()).toEqual([world().agent(0).id, world().agent(1).id].toSorted());
    expect(await world().result('endpoints_api', 'get_endpoints')).toMatchObject({ reply: [{}, {}] });
  });

  test('finds endpoints by every filter that it has', async () => {
    const { id } = world().agent(0);
    const only = { endpoint_id_list: [id] };
    const filters: readonly Readonly<Record<string, unknown>>[] = [
      only,
      { ...only, endpoint_status: named('EndpointStatus', 'connected') },
      { ...only, platform: named('EndpointPlatform', 'linux') },
      { ...only, isolate: named('IsolateStatus', 'unisolated') },
      { ...only, last_seen: 1, after_last_seen: true },
      { ...only, first_seen: Date.now() + 60_000, after_first_seen: false },
      { ...only, search_from: 0, search_to: 1, sort: { field: 'last_seen', keyword: 'desc' } },
    ];
    for (const filter of filters) {
      const found = (await world().result('endpoints_api', 'get_endpoint', filter)) as Listed;
      expect([filter, found.reply.endpoints.map((each) => each.endpoint_id)]).toEqual([filter, [id]]);
    }
    const none = { ...only, platform: named('EndpointPlatform', 'windows') };
    expect(await world().result('endpoints_api', 'get_endpoint', none)).toMatchObject({ reply: { total_count: 0 } });
    const plain = await world().result('endpoints_api', 'get_endpoint_request', {});
    expect(plain).toMatchObject({ reply: { total_count: 2 } });
  });

  test('scans endpoints, and cannot abort what has ended', async () => {
    const { id } = world().agent(0);
    expect(await world().finished('endpoints_api', 'scan_endpoints', { endpoint_id_list: [id] })).toEqual({
      [id]: 'COMPLETED_SUCCESSFULLY',
    });
    const both = await world().finished('endpoints_api', 'scan_all_endpoints');
    expect(Object.values(both)).toEqual(['COMPLETED_SUCCESSFULLY', 'COMPLETED_SUCCESSFULLY']);
    const scanned = { scan_status: named('ScanStatus', 'success') };
    expect(await world().result('endpoints_api', 'get_endpoint', scanned)).toMatchObject({ reply: { total_count: 2 } });
    expect((await world().refusal('endpoints_api', 'abort_scan', { filters: 'all' })).status).toBe(500);
    const again = await world().finished('endpoints_api', 'scan', { filters: 'all' });
    expect(Object.keys(again)).toHaveLength(2);
  });

  test('is refused where it would isolate or end processes', async () => {
    const endpoint_id_list = [world().agent(0).id];
    for (const name of ['isolate_endpoints', 'unisolate_endpoints']) {
      const { status, text } = await world().refusal('endpoints_api', name, { endpoint_id_list });
      expect([status, text?.includes('No endpoint was found for creating the requested action')]).toEqual([500, true]);
    }
    for (const name of ['isolate', 'unisolate']) {
      expect((await world().refusal('endpoints_api', name, { endpoint_id: endpoint_id_list[0] })).status).toBe(500);
    }
    const process = { agent_id: endpoint_id_list[0], process_name: 'calc' };
    for (const [name, id] of [
      ['terminate_process', 'instance_id'],
      ['terminate_causality', 'causality_id'],
    ] as const) {
      const { text } = await world().refusal('endpoints_api', name, { ...process, [id]: 'AQ==' });
      expect(text).toContain('can end a process');
    }
  });

  test('runs the scripts that are about files, and no others', async () => {
    const agent = world().agent(0);
    const path = agent.put('script.bin', Buffer.from('what a script looks for'));
    const fields = { script_uid: '414763381b5bfb7b05796c9fe690df46', endpoint_id_list: [agent.id] };
    const started = await world().result('scripts_api', 'run_script', { ...fields, parameters_values: { path } });
    const action_id = startedId(started);
    await world().finished('scripts_api', 'run_script', { ...fields, parameters_values: { path } });
    const status = await world().result('scripts_api', 'get_script_execution_status', { action_id });
    expect(status).toMatchObject({ general_status: 'COMPLETED_SUCCESSFULLY', endpoints_completed_successfully: 1 });
    const results = await world().result('scripts_api', 'get_script_execution_results', { action_id });
    expect(results).toMatchObject({ script_name: 'file_exists', results: [{ standard_output: 'True' }] });
    expect(await world().result('scripts_api', 'get_scripts')).toMatchObject({ result_count: 2 });
    const one = await world().result('scripts_api', 'get_scripts', { name: ['delete_file'] });
    expect(one).toMatchObject({ scripts: [{ script_uid: '548023b6e4a01ec51a495ba6e5d2a15d' }] });
    const metadata = await world().result('scripts_api', 'get_script_metadata', { script_uid: fields.script_uid });
    expect(metadata).toMatchObject({ name: 'file_exists', script_input: [{ name: 'path' }] });
    const snippet = { snippet_code: 'import os', endpoint_id_list: [agent.id] };
    expect((await world().refusal('scripts_api', 'run_snippet_code_script', snippet)).status).toBe(500);
    expect((await world().refusal('scripts_api', 'get_script_code', { script_uid: fields.script_uid })).status).toBe(
      500,
    );
    const files = { action_id, endpoint_id: agent.id };
    expect((await world().refusal('scripts_api', 'get_script_execution_result_files', files)).status).toBe(500);
  });
}

/** What people say of endpoints. */
export function endpointCareCases(world: () => ClientWorld): void {
  test('names and tags endpoints, and finds them by that', async () => {
    const { id } = world().agent(1);
    const filters = [{ field: 'endpoint_id_list', operator: 'in', value: [id] }];
    const renamed = await world().result('endpoints_api', 'set_endpoint_alias', {
      ...{ new_alias: 'Front desk', endpoint_id_list: [id] },
    });
    expect(renamed).toMatchObject({ reply: true });
    await world().result('tags_api', 'agents_assign', { filters, tag: 'kiosk' });
    const found = (await world().result('endpoints_api', 'get_endpoint', { alias: ['Front desk'] })) as Listed;
    expect(found.reply.endpoints.map((each) => each.endpoint_id)).toEqual([id]);
    const listed = await world().client.listEndpoints({ alias: ['Front desk'] });
    expect(listed.items).toMatchObject([{ id, tags: ['kiosk'] }]);
    await world().result('tags_api', 'agents_remove', { filters, tag: 'kiosk' });
    await world().result('endpoints_api', 'update_agent_name', { filters, alias: '' });
    expect(await world().client.readEndpoint(id)).toMatchObject({ alias: '', tags: [] });
    expect(await world().result('endpoints_api', 'get_policy', { endpoint_id: id })).toEqual({
      reply: { policy_name: '' },
    });
  });

  test('deletes an endpoint that is away, which is back with its agent', async () => {
    const agent = world().agent(1);
    await agent.end('SIGTERM');
    const filters = [{ field: 'endpoint_id_list', operator: 'in', value: [agent.id] }];
    expect(await world().result('endpoints_api', 'delete', { filters })).toEqual({ reply: true });
    const away = { endpoint_id_list: [agent.id] };
    expect(await world().result('endpoints_api', 'get_endpoint_request', { filters })).toMatchObject({
      reply: { endpoints: [{ endpoint_status: 'UNINSTALLED' }] },
    });
    await agent.connect();
    expect(await world().result('endpoints_api', 'get_endpoint', away)).toMatchObject({
      reply: { endpoints: [{ endpoint_status: 'CONNECTED' }] },
    });
  });
}
