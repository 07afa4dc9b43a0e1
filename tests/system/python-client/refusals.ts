import { expect, test } from 'bun:test';
import { join } from 'node:path';
import type { PythonCall } from '#kit/python-client.ts';
import type { PythonWorld } from './python-world.ts';

const unassigned = '00000000-0000-0000-0000-000000000000';
const rule = ['ALL', true, '192.0.2.1'];

/** Calls for what Custody has none of, with arguments that would be good ones: groups, policies, rules, tools, shells. */
export const refusedCalls: Readonly<Record<string, Omit<PythonCall, 'name'>>> = {
  create_group: { kwargs: { name: 'a group' } },
  edit_group: { args: [unassigned], kwargs: { name: 'another name' } },
  delete_group: { args: [unassigned] },
  get_policy: { args: [unassigned] },
  create_policy: { args: [{ nameDescription: { name: 'a policy' } }], kwargs: { unique_name: true } },
  delete_policy: { args: ['one', 'another'] },
  set_sensor_tags: { args: ['PYLUMCLIENT_X'], kwargs: { department: 'sales' } },
  open_remote_shell: { args: ['PYLUMCLIENT_X'] },
  close_remote_shell: { args: ['PYLUMCLIENT_X', 'a session'] },
  add_malops_label: { args: ['a label'] },
  update_malops_labels: { args: [['11.5'], [1], []] },
  delete_malops_label: { args: [1] },
  get_process_timeline: { args: ['1.2', 5] },
  get_registration_config: {},
  get_investigation_config: {},
  get_latest_installers: {},
  download_installer: { args: ['deb', join('/nowhere', 'at', 'all')] },
  download_malop_syslog: { args: [join('/nowhere', 'at', 'all')] },
  get_isolation_rules: {},
  get_isolation_rule: { args: ['a rule'] },
  create_isolation_rule: { args: rule },
  update_isolation_rule: { args: ['a rule'], kwargs: { blocking: false } },
  delete_isolation_rule: { args: ['a rule'] },
  get_active_custom_rules: {},
  get_disabled_custom_rules: {},
  get_root_causes: {},
  get_malop_detection_types: {},
  get_malop_activity_types: {},
  create_custom_rule: { args: [{ name: 'a rule' }] },
  update_custom_rule: { args: [{ name: 'a rule' }] },
  get_custom_rule_history: { args: [1] },
  get_irtools_packages: {},
  upload_irtools_package: { args: ['a tool', '/etc/hostname', 'what it is'] },
  get_credentials: {},
  get_forensics_tools: {},
};

/** What the package itself leaves undone, without asking anybody. */
export const undoneCalls = ['purge_sensor', 'unpurge_sensor', 'restart_sensor', 'start_collection', 'stop_collection'];

export function refusalCases(world: () => PythonWorld): void {
  test('is told that there is no such thing, by an exception in every case, and nothing is done', async () => {
    const before = await world().client.listEvents({ limit: 1_000 });
    const calls = Object.entries(refusedCalls).map(([name, call]) => ({ name, ...call }));
    const steps = await world().steps(...calls);
    const said = calls.map(({ name }, index) => [name, steps[index]] as const);
    for (const [name, step] of said) {
      expect([name, step]).toEqual([
        name,
        { error: 'HTTPStatusError', message: expect.stringContaining("Client error '404 Not Found'") },
      ]);
    }
    const after = await world().client.listEvents({ after: before.items.at(-1)?.sequence ?? 0, limit: 1_000 });
    expect(after.items.map(({ type }) => type)).toEqual(['logged_in', 'logged_out']);
  });

  test('raises by itself what it leaves undone', async () => {
    const steps = await world().steps(
      ...undoneCalls.map((name) => ({ name, args: name.includes('purge') ? ['x'] : [] })),
    );
    expect(steps).toMatchObject(undoneCalls.map(() => ({ error: 'NotImplementedError' })));
  });
}
