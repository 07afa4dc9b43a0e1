import { expect, test } from 'bun:test';
import type { ClientWorld } from './client-world.ts';

export function tenantCases(world: () => ClientWorld): void {
  test('is told that the server is well, what it is and what it may', async () => {
    expect(await world().result('system_api', 'healthcheck')).toEqual({ status: 'available' });
    const tenant = await world().result('system_api', 'get_tenant_info', { request_data: {} });
    expect(tenant).toMatchObject({ reply: { installed_prevent: 2 } });
    const versions = await world().result('distributions_api', 'get_versions');
    expect(Object.keys((versions as { readonly reply: object }).reply)).toContain('linux');
  });

  test('reads who may log in, and the roles', async () => {
    const fields = {
      email: 'rosa@example.com',
      role: 'Responder',
      password: 'a long enough one',
    } as const;
    await world().client.createUser(fields);
    const users = await world().result('rbac_api', 'get_users');
    const known = (users as { readonly reply: readonly object[] }).reply;
    expect(known).toContainEqual(expect.objectContaining({ user_email: fields.email, role_name: 'Responder' }));
    const roles = await world().result('rbac_api', 'get_roles', { role_names: ['Viewer'] });
    expect(roles).toMatchObject({ reply: [[{ pretty_name: 'Viewer' }]] });
    expect(await world().result('rbac_api', 'get_user_group', { group_names: [] })).toEqual({ reply: [] });
  });

  test('makes, lists and deletes keys, as version 5 of it does', async () => {
    const fields = { roles: ['Viewer'], security_level: 'standard', comment: 'for a playbook' };
    const made = (await world().newerResult('api_keys_api', 'generate', fields)) as {
      readonly reply: { readonly id: number };
    };
    const { id } = made.reply;
    const filters = [{ field: 'id', operator: 'in', value: [id] }];
    const listed = await world().newerResult('api_keys_api', 'get_api_keys', { filters });
    expect(listed).toMatchObject({ reply: { DATA: [{ id, roles: ['Viewer'], comment: 'for a playbook' }] } });
    await world().newerResult('api_keys_api', 'delete', { filters });
    const gone = await world().newerResult('api_keys_api', 'get_api_keys', { filters });
    expect(gone).toMatchObject({ reply: { DATA: [] } });
  });

  test('reads and sets how long orders wait, as version 5 of it does', async () => {
    const api = 'agent_configurations_api';
    expect(await world().newerResult(api, 'get_action_center_expiration')).toMatchObject({ reply: { quarantine: 96 } });
    await world().newerResult(api, 'set_action_center_expiration', { request_data: { quarantine: 48 } });
    expect(await world().newerResult(api, 'get_action_center_expiration')).toMatchObject({ reply: { quarantine: 48 } });
  });
}
