import { describe, expect, test } from 'bun:test';
import { BlobReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { deleteEvidence } from '#core/verbs/delete-evidence.ts';
import { administrator, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { badPath, goodBytes, goodPath, openWorld, retrievalFields } from './world.ts';

describe('retrieval, as connectors drive it', () => {
  test('demisto retrieves files, asks for the details and GETs what follows "download" under its own base', async () => {
    await using world = await openWorld();
    const { web, mac } = world;
    const paths = { linux: [goodPath, '/srv/none.txt'], macos: ['/srv/none.txt'] };
    const { reply } = await world.call('endpoints/file_retrieval/', retrievalFields(paths, web, mac));
    const action = { group_action_id: Number(reply['action_id']) };
    expect((await world.call('actions/file_retrieval_details/', action)).reply).toEqual({
      data: { [web.endpoint.id]: '', [mac.endpoint.id]: '' },
    });
    await world.work();
    const missing = { file_path: '/srv/none.txt', description: 'There is no such file on the endpoint.' };
    const reason = {
      errorDescription: missing.description,
      errorData: expect.stringContaining('"outcome": "not_found"'),
      ...{ file_name: 'none.txt', file_path: '/srv/none.txt', missing_files: [missing] },
    };
    expect((await world.call('actions/get_action_status/', action)).reply).toEqual({
      data: { [web.endpoint.id]: 'COMPLETED_PARTIAL', [mac.endpoint.id]: 'FAILED' },
      errorReasons: {
        [web.endpoint.id]: reason,
        [mac.endpoint.id]: reason,
      },
    });
    const details = await world.call('actions/file_retrieval_details/', action);
    const links = details.reply['data'] as Record<string, string>;
    expect(links[mac.endpoint.id]).toBe('');
    const parts = (links[web.endpoint.id] ?? '').split('download');
    expect(parts).toHaveLength(2);
    expect(parts[0]).toBe('https://custody.test:8443/public_api/v1/');
    const headers = await world.key('Investigator');
    const response = await world.send({ method: 'GET', path: `/public_api/v1/download${parts[1]}`, headers });
    expect(response.status).toBe(200);
    const files = await unzip(response);
    expect(files.get('srv/good.txt')).toEqual(goodBytes);
    expect(JSON.parse(new TextDecoder().decode(files.get('retrieval_log.json')))).toMatchObject([
      { file_path: goodPath, status: 'done', archive_name: 'srv/good.txt', size: goodBytes.length },
      { file_path: '/srv/none.txt', status: 'not_found', archive_name: null },
    ]);
    const events = await world.ports.store.read((reader) =>
      reader.events.list({ types: ['evidence_delivered'] }, 0, 10),
    );
    expect(events).toHaveLength(1);
  });

  test('FortiSOAR posts its bodies without a content type, and POSTs the link without a body', async () => {
    await using world = await openWorld();
    const headers = await world.key('Responder');
    const body = JSON.stringify({ request_data: retrievalFields({ linux: [goodPath] }, world.web) });
    const post = (path: string, text?: string) =>
      world.send({ path: `/public_api/v1/${path}`, headers, ...(text !== undefined && { body: text }) });
    const started = await replyOf(post('endpoints/file_retrieval/', body));
    await world.work();
    const asked = JSON.stringify({ request_data: { group_action_id: started['action_id'] } });
    const details = await replyOf(post('actions/file_retrieval_details/', asked));
    const link = new URL(Object.values(details['data'] as object)[0]);
    const response = await world.send({ path: link.pathname, headers });
    const disposition = response.headers.get('content-disposition') ?? '';
    const name = disposition.split(';')[1]?.split('=')[1];
    expect(name).toBe(`retrieved_files_${started['action_id']}_${world.web.endpoint.id}.zip`);
    expect((await unzip(response)).get('srv/good.txt')).toEqual(goodBytes);
  });

  test('a client that puts the lists of files straight into request_data is understood', async () => {
    await using world = await openWorld();
    const { filters } = retrievalFields({}, world.web);
    const { status, reply } = await world.call('endpoints/file_retrieval', {
      filters: filters ?? [],
      linux: [goodPath],
    });
    expect([status, reply['endpoints_count']]).toEqual([200, '1']);
  });

  test('of a file that changed since it was indexed, the log in the archive tells both hashes', async () => {
    await using world = await openWorld();
    const indexed = new TextEncoder().encode('what inventory saw');
    await inventory(world.ports, world.web.endpoint, [fileFacts(goodPath, indexed)]);
    const { reply } = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
    await world.work();
    const action = { group_action_id: reply['action_id'] as string };
    const data = (await world.call('actions/file_retrieval_details', action)).reply['data'] as Record<string, string>;
    const { pathname } = new URL(data[world.web.endpoint.id] ?? '');
    const response = await world.send({ path: pathname, headers: await world.key('Investigator') });
    const log = (await unzip(response)).get('retrieval_log.json');
    expect(JSON.parse(new TextDecoder().decode(log))).toMatchObject([
      { sha256: sha256Of(goodBytes), indexed_sha256: sha256Of(indexed) },
    ]);
  });
});

describe('deleted evidence', () => {
  test('a file whose bytes were deleted is missing from the archive, whose log says when and why; alone it is 404', async () => {
    await using world = await openWorld();
    const { ports, web } = world;
    const both = { linux: [goodPath, badPath] };
    const archives: string[] = [];
    for (const paths of [both, { linux: [goodPath] }]) {
      const { reply } = await world.call('endpoints/file_retrieval/', retrievalFields(paths, web));
      await world.work();
      const action = { group_action_id: Number(reply['action_id']) };
      const details = await world.call('actions/file_retrieval_details/', action);
      archives.push((details.reply['data'] as Record<string, string>)[web.endpoint.id] ?? '');
    }
    await deleteEvidence(ports, administrator, { sha256: sha256Of(goodBytes), reason: 'Private.' });
    const headers = await world.key('Investigator');
    const [partly, wholly] = archives.map((link) =>
      world.send({ method: 'GET', path: new URL(link).pathname, headers }),
    );
    const files = await unzip((await partly) ?? expect.unreachable());
    expect([...files.keys()].toSorted()).toEqual(['retrieval_log.json', 'srv/bad.bin']);
    expect(JSON.parse(new TextDecoder().decode(files.get('retrieval_log.json')))).toMatchObject([
      { file_path: goodPath, archive_name: null, description: expect.stringContaining('deleted at') },
      { file_path: badPath, archive_name: 'srv/bad.bin' },
    ]);
    const refused = await wholly;
    expect(refused?.status).toBe(404);
    expect(await refused?.json()).toMatchObject({ reply: { err_extra: expect.stringContaining('Private') } });
  });
});

describe('a link', () => {
  test('stops answering when the retrieval is too old', async () => {
    await using world = await openWorld();
    const { reply } = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
    await world.work();
    const action = { group_action_id: reply['action_id'] as string };
    const data = (await world.call('actions/file_retrieval_details', action)).reply['data'] as Record<string, string>;
    world.ports.clock.advance(world.ports.policy.retrievalLifetime);
    const { pathname } = new URL(data[world.web.endpoint.id] ?? '');
    const response = await world.send({ method: 'GET', path: pathname, headers: await world.key('Responder') });
    expect(response.status).toBe(404);
    expect((await world.call('actions/file_retrieval_details', action)).reply['data']).toEqual({
      [world.web.endpoint.id]: '',
    });
  });
});

async function replyOf(response: Promise<Response>): Promise<Readonly<Record<string, unknown>>> {
  const { reply } = (await (await response).json()) as { reply: Record<string, unknown> };
  return reply;
}

async function unzip(response: Response): Promise<ReadonlyMap<string, Uint8Array>> {
  const reader = new ZipReader(new BlobReader(await response.blob()));
  const files = new Map<string, Uint8Array>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) {
      files.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
    }
  }
  return files;
}
