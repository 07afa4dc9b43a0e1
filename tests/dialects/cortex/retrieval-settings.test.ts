import { describe, expect, test } from 'bun:test';
import { BlobReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import type { CortexPolicy } from '#core/ports/policy.ts';
import { minute } from '#core/time.ts';
import { type CortexWorld, goodBytes, goodPath, openWorld, retrievalFields } from './world.ts';

const usual: CortexPolicy['retrieval'] = { mostFiles: 20, mostEndpoints: 10, archiveForm: 'plain', linkLifetime: null };

function openWith(retrieval: Partial<CortexPolicy['retrieval']>): Promise<CortexWorld> {
  return openWorld({
    policy: { cortex: { idForm: 'text', signatures: 'lenient', retrieval: { ...usual, ...retrieval } } },
  });
}

/** Fetches the good file. @returns the path of its link. */
async function linkIn(world: CortexWorld): Promise<string> {
  const { reply } = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
  await world.work();
  return pathOfLink(world, String(reply['action_id']));
}

async function pathOfLink(world: CortexWorld, id: string): Promise<string> {
  const { reply } = await world.call('actions/file_retrieval_details', { group_action_id: id });
  return new URL((reply['data'] as Record<string, string>)[world.web.endpoint.id] ?? '').pathname;
}

describe('an installation that protects archives', () => {
  test('gives archives whose every entry opens with the password "suspicious" only', async () => {
    await using world = await openWith({ archiveForm: 'password' });
    const path = await linkIn(world);
    const response = await world.send({ path, headers: await world.key('Responder') });
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=[\w.]+\.zip$/);
    const reader = new ZipReader(new BlobReader(await response.blob()));
    const entries = (await reader.getEntries()).filter((entry) => !entry.directory);
    expect(entries.map(({ filename, encrypted }) => [filename, encrypted])).toEqual([
      ['srv/good.txt', true],
      ['retrieval_log.json', true],
    ]);
    const [file] = entries;
    expect(await file?.getData(new Uint8ArrayWriter(), { password: 'suspicious' })).toEqual(goodBytes);
    await expect(async () => file?.getData(new Uint8ArrayWriter(), { password: 'other' })).toThrow();
  });
});

describe('an installation whose links end early', () => {
  test('answers within that time, then 404, and gives a new link to whoever asks again', async () => {
    await using world = await openWith({ linkLifetime: 10 * minute });
    const { reply } = await world.call('endpoints/file_retrieval', retrievalFields({ linux: [goodPath] }, world.web));
    await world.work();
    const id = String(reply['action_id']);
    const headers = await world.key('Responder');
    const statusOf = async (path: string) => {
      const response = await world.send({ method: 'GET', path, headers });
      await response.arrayBuffer();
      return response.status;
    };
    const first = await pathOfLink(world, id);
    expect(await statusOf(first)).toBe(200);
    world.ports.clock.advance(10 * minute - 1);
    expect(await statusOf(first)).toBe(200);
    world.ports.clock.advance(1);
    expect(await statusOf(first)).toBe(404);
    expect(await statusOf(await pathOfLink(world, id))).toBe(200);
  });
});

describe('an installation with limits of its own', () => {
  test('takes as many files and endpoints as it says, and one more of neither', async () => {
    await using world = await openWith({ mostFiles: 2, mostEndpoints: 1 });
    const { web, mac } = world;
    const ask = async (paths: Record<string, readonly string[]>, ...agents: (typeof web)[]) => {
      const { status, reply } = await world.call('endpoints/file_retrieval', retrievalFields(paths, ...agents));
      return [status, reply['err_extra'] ?? null];
    };
    expect(await ask({ linux: ['/a'], macos: ['/a'] }, web)).toEqual([200, null]);
    expect(await ask({ linux: ['/a', '/b'], macos: ['/a'] }, web)).toEqual([
      500,
      'One retrieval names at most 2 files; 3 were named.',
    ]);
    expect(await ask({ linux: ['/a'] }, web, mac)).toEqual([
      500,
      'One retrieval names at most 1 endpoints; 2 were named.',
    ]);
  });
});
