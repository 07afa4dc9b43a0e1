import type { Json } from '#core/custody/event.ts';
import { type GoldenWorld, goldenFiles } from '../cortex/golden-cases.ts';
import { badHash, badPath, goodPath, retrievalFields } from '../cortex/world.ts';
import type { Recorded } from './outsider.ts';

const exists = '414763381b5bfb7b05796c9fe690df46';
const remove = '548023b6e4a01ec51a495ba6e5d2a15d';

/** Makes every call of the golden cases, and of those that have none, and tells what they were. */
export async function callCortex(golden: GoldenWorld): Promise<readonly Recorded[]> {
  const cases = goldenFiles.flatMap((each) => each.cases);
  const recorded: Recorded[] = [];
  for (const { method, path, key, body: template } of cases) {
    const body = template === undefined ? {} : { body: golden.filled(template) };
    await golden.world.send({ method, path, headers: golden.keys[key], ...body });
    recorded.push({ method, path, headers: {}, ...body });
  }
  await golden.world.work();
  return [...recorded, ...(await callOthers(golden))];
}

async function callOthers({ world }: GoldenWorld): Promise<readonly Recorded[]> {
  const { web, mac } = world;
  const headers = await world.key('Instance Administrator');
  const recorded: Recorded[] = [];
  const call = async (name: string, fields: Json) => {
    recorded.push({
      ...{ method: 'POST', path: `/public_api/v1/${name}`, headers: {} },
      body: JSON.stringify({ request_data: fields }),
    });
    const { reply } = await world.call(name, fields, headers);
    return { ...reply };
  };
  const filters = [{ field: 'endpoint_id_list', operator: 'in', value: [web.endpoint.id, mac.endpoint.id] }];
  const script = (uid: string, values: Json) => ({ script_uid: uid, timeout: 600, filters, parameters_values: values });
  const retrieval = await call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, web));
  await call('endpoints/quarantine', { filters, file_path: goodPath, file_hash: badHash });
  await call('endpoints/scan', { filters });
  await call('endpoints/scan', { filters: 'all' });
  await call('endpoints/abort_scan', { filters });
  const looked = await call('scripts/run_script', script(exists, { path: badPath }));
  await call('scripts/run_script', script(remove, { file_path: badPath }));
  await world.work();
  const actionId = String(looked['action_id']);
  await call('scripts/get_script_execution_status', { action_id: actionId });
  await call('scripts/get_script_execution_results', { action_id: actionId });
  for (const files of ['get_script_execution_results_files', 'get_script_execution_result_files']) {
    await call(`scripts/${files}`, { action_id: actionId, endpoint_id: web.endpoint.id });
  }
  await call('scripts/get_scripts', {});
  for (const about of ['get_script_metadata', 'get_script_code', 'run_snippet_code_script']) {
    await call(`scripts/${about}`, { script_uid: exists, filters });
  }
  for (const refused of ['isolate', 'unisolate']) {
    await call(`endpoints/${refused}`, { endpoint_id: web.endpoint.id });
  }
  for (const refused of ['terminate_process', 'terminate_causality']) {
    await call(`endpoints/${refused}`, { agent_id: web.endpoint.id });
  }
  await call('quarantine/status', {
    files: [{ endpoint_id: web.endpoint.id, file_path: badPath, file_hash: badHash }],
  });
  const details = await call('actions/file_retrieval_details', { group_action_id: Number(retrieval['action_id']) });
  const links = Object.values(Object(details['data'])).map((link) => new URL(String(link)).pathname);
  const downloads = links.flatMap((path) => ['GET', 'POST'].map((method) => ({ method, path, headers: {} })));
  return [...recorded, ...downloads];
}
