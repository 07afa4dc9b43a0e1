import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import type { ClientWorld } from './client-world.ts';

interface Extra {
  readonly reply: {
    readonly incident: { readonly comments: readonly { readonly value: string }[] };
    readonly alerts: { readonly total_count: number };
  };
}

interface Alerts {
  readonly reply: { readonly alerts: readonly { readonly alert_id: string; readonly case_id: number }[] };
}

export function incidentCases(world: () => ClientWorld): void {
  test('lists an incident, updates it, and has what it ordered for it on the timeline', async () => {
    const { incident } = await world().client.createIncident({
      ...{ name: 'seen by a SIEM', description: '', severity: 'medium' },
      ...{ endpointIds: [world().agent(0).id], files: [], processes: [] },
    });
    const listed = await world().result('incidents_api', 'get_incidents', { incident_id_list: [incident.id] });
    expect(listed).toMatchObject({
      reply: { total_count: 1, incidents: [{ incident_id: incident.id, status: 'new' }] },
    });
    const update_data = { status: 'under_investigation', comment: { comment_action: 'add', value: 'mine' } };
    await world().result('incidents_api', 'update_incident', { incident_id: incident.id, update_data });
    const extra = (await world().result('incidents_api', 'get_incident_extra_data', {
      ...{ incident_id: incident.id, alerts_limit: 10 },
    })) as Extra;
    expect(extra.reply.incident.comments).toMatchObject([{ value: 'mine' }]);
    const bytes = Buffer.from('taken for an incident');
    const agent = world().agent(0);
    const file_hash = createHash('sha256').update(bytes).digest('hex');
    await world().finished('endpoints_api', 'quarantine_file', {
      ...{ endpoint_id_list: [agent.id], file_path: agent.put('for-incident.bin', bytes), file_hash },
      incident_id: incident.id,
    });
    const timeline = await world().client.readTimeline(incident.id, {});
    expect(timeline.items.map(({ type }) => type)).toContain('action_started');
  });

  test('inserts alerts in both forms, and reads them with its models', async () => {
    const parsed = {
      ...{ product: 'Firewall', vendor: 'Acme', local_ip: '198.51.100.80', local_port: 1, remote_ip: '203.0.113.80' },
      ...{ remote_port: 2, event_timestamp: Date.now(), severity: 'High', alert_name: 'by the client' },
    };
    expect(await world().result('alerts_api', 'insert_parsed_alerts', { alerts: [parsed] })).toEqual({ reply: true });
    const lines = ['CEF:0|Acme|AV|1|7|in a line|Informational|src=198.51.100.81'];
    expect(await world().result('alerts_api', 'insert_cef_alerts', { alerts: lines })).toEqual({ reply: true });
    const listed = (await world().result('alerts_api', 'get_alerts', {
      alert_source_list: ['Acme Firewall', 'Acme AV'],
    })) as Alerts;
    expect(listed.reply.alerts).toHaveLength(2);
    const incident_id = String(listed.reply.alerts[0]?.case_id);
    const extra = (await world().result('incidents_api', 'get_incident_extra_data', {
      incident_id,
      alerts_limit: 10,
    })) as Extra;
    expect(extra.reply.alerts.total_count).toBe(1);
  });

  test('reads both audit logs', async () => {
    const logs = await world().result('audits_api', 'management_logs', {
      filters: [{ field: 'sub_type', operator: 'in', value: ['Insert Alert'] }],
    });
    expect(logs).toMatchObject({ reply: { data: [{ AUDIT_RESULT: 'SUCCESS' }, { AUDIT_RESULT: 'SUCCESS' }] } });
    const reports = await world().result('audits_api', 'agents_reports', {
      filters: [{ field: 'type', operator: 'in', value: ['Action'] }],
    });
    expect(reports).toMatchObject({ reply: { total_count: expect.any(Number) } });
  });
}
