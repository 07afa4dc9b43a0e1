import { Fault } from '#core/fault.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { scriptLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';

const reasons: Readonly<Record<string, string>> = {
  run_snippet_code_script:
    'No code that somebody sends is run by this server. It searches, fetches, quarantines and restores files; run_script has file_exists and delete_file.',
  get_script_code: 'The scripts of this server are orders of its own and have no code that could be shown.',
  get_script_execution_results_files: 'The scripts of this server retrieve no files; endpoints/file_retrieval does.',
  get_script_execution_result_files: 'The scripts of this server retrieve no files; endpoints/file_retrieval does.',
};

/** Calls of the script library that would run, show or fetch what no script here has: refused, with what to do instead. */
export const refusedScriptCalls: readonly GuardedOperation[] = Object.entries(reasons).map(([name, reason]) => ({
  method: 'POST',
  paths: callPaths(`scripts/${name}`),
  access: { permission: 'actions.read', licence: scriptLicence },
  async run({ request }) {
    await readBody(request);
    throw new Fault('conflict', reason, { details: { what: 'script' } });
  },
}));
