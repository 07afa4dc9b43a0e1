import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { sha256 } from '#kit/disk.ts';
import { until } from '#kit/until.ts';
import { unzip } from '#kit/unzip.ts';
import { type ClientWorld, startedId } from './client-world.ts';

export function fileCases(world: () => ClientWorld): void {
  test('quarantines a file and restores it, and is told of each', async () => {
    const agent = world().agent(0);
    const bytes = Buffer.from('what the Python client takes');
    const path = agent.put('taken.bin', bytes);
    const hash = sha256(bytes);
    const ended = await world().finished('endpoints_api', 'quarantine_file', {
      ...{ endpoint_id_list: [agent.id], file_path: path, file_hash: hash, incident_id: '12' },
    });
    expect(ended).toEqual({ [agent.id]: 'COMPLETED_SUCCESSFULLY' });
    expect(existsSync(path)).toBe(false);
    const files = [{ endpoint_id: agent.id, file_path: path, file_hash: hash }];
    expect(await world().result('quarantine_api', 'status', { files })).toEqual({
      reply: [{ ...files[0], status: true }],
    });
    const restored = await world().finished('endpoints_api', 'restore', { file_hash: hash });
    expect(restored).toEqual({ [agent.id]: 'COMPLETED_SUCCESSFULLY' });
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('orders the same by the calls without a model', async () => {
    const agent = world().agent(1);
    const bytes = Buffer.from('taken by the plain call');
    const path = agent.put('plain.bin', bytes);
    const filters = [{ field: 'endpoint_id_list', operator: 'in', value: [agent.id] }];
    const fields = { filters, file_path: path, file_hash: sha256(bytes) };
    expect(await world().finished('endpoints_api', 'quarantine', fields)).toEqual({
      [agent.id]: 'COMPLETED_SUCCESSFULLY',
    });
    const status = await world().result('actions_api', 'get_action_status_request', {
      group_action_id: startedId(await world().result('endpoints_api', 'restore', { file_hash: sha256(bytes) })),
    });
    expect(Object.keys((status as { reply: { data: object } }).reply.data)).toEqual([agent.id]);
    await until('it is back', () => existsSync(path));
  });

  test('retrieves a file, and what it downloads is an archive with the file in it', async () => {
    const agent = world().agent(0);
    const bytes = Buffer.from('what the Python client fetches');
    const path = agent.put('fetched.bin', bytes);
    const files = { linux: [path, `${path}.not`] };
    const started = await world().result('endpoints_api', 'retrieve_file', { endpoint_id_list: [agent.id], files });
    const group_action_id = startedId(started);
    const link = await until('the link', async () => {
      const details = await world().result('actions_api', 'get_file_retrieval_details', { group_action_id });
      const { data } = (details as { reply: { data: Readonly<Record<string, string>> } }).reply;
      // It is empty while there is no archive.
      return data[agent.id] || undefined;
    });
    const token = link.slice(link.lastIndexOf('/') + 1);
    const saved = (await world().result('download_api', 'download_file', { file_api_value: token })) as {
      base64: string;
    };
    const archive = await unzip(new Uint8Array(Buffer.from(saved.base64, 'base64')));
    expect(Object.values(archive).some((entry) => entry === bytes.toString())).toBe(true);
    const again = await world().result('actions_api', 'file_retrieval_details', {
      group_action_id: String(group_action_id),
    });
    expect(again).toMatchObject({
      reply: { data: { [agent.id]: expect.stringContaining('/public_api/v1/download/') } },
    });
  });

  test('raises what was refused, with the words of the server', async () => {
    const hash = 'f'.repeat(64);
    const { status, text } = await world().refusal('endpoints_api', 'restore', { file_hash: hash });
    expect([status, text?.includes('No endpoint was found for creating the requested action')]).toEqual([500, true]);
    const wrong = await world().refusal('endpoints_api', 'restore', { file_hash: 'no hash' });
    expect([wrong.status, wrong.text?.includes('file_hash')]).toEqual([500, true]);
    const empty = await world().refusal('quarantine_api', 'status', { files: [] });
    expect(empty.status).toBe(500);
  });

  test('blocks and allows hashes', async () => {
    const listed = async () => (await world().client.findListedHashes({})).items.map((item) => [item.hash, item.list]);
    for (const [name, list] of [
      ['blocklist', 'block'],
      ['allowlist', 'allow'],
    ] as const) {
      const hash = sha256(`what goes on the ${list}`);
      const fields = { hash_list: [hash], comment: 'by the client' };
      expect(await world().result('hash_exceptions_api', name, fields)).toEqual({ reply: true });
      expect(await listed()).toContainEqual([hash, list]);
      await world().client.forgetHashes({ hashes: [hash] });
    }
    expect(await listed()).toEqual([]);
  });
}
