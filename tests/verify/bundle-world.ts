import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openZip } from '#archive/open-zip.ts';
import { createZipArchiver } from '#archive/zip.ts';
import { bundleNames } from '#core/bundle/layout.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import { type NativeWorld, openNative } from '../dialects/native/world.ts';

const goodPath = '/srv/report.doc';
/** With markup, and a bidirectional override in its displayed form. */
const badPath = '/srv/<b>bad<\\xe2\\x80\\xae.exe';

export interface BundleWorld extends AsyncDisposable {
  readonly native: NativeWorld;
  readonly endpoints: readonly Endpoint[];
  readonly incident: string;
  readonly fetchId: string;
  readonly quarantineId: string;
  /** The GUID of `goodPath` on the first endpoint. */
  readonly guid: string;
  /** Exports, and saves the ZIP under a name of its own. */
  save(body: unknown): Promise<string>;
  readonly directory: string;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Two machines with the same bad file; for an incident it was fetched from both and quarantined on one. */
export async function openBundleWorld(): Promise<BundleWorld> {
  const native = await openNative();
  const { ports } = native;
  const disk = { [goodPath]: bytesOf('good'), [badPath]: bytesOf('bad') };
  const facts = Object.entries(disk).map(([path, bytes]) => fileFacts(path, bytes));
  const endpoints = [await enrolMachine(ports, { hostName: 'web-1' }), await enrolMachine(ports, { hostName: 'db-1' })];
  for (const endpoint of endpoints) {
    await inventory(ports, endpoint, facts);
  }
  const origin = { principal: administrator, dialect: 'native' } as const;
  const { incident } = await createIncident(ports, {
    ...{ origin, name: 'phish', description: 'bad mail', severity: 'high', endpointIds: [], files: [], processes: [] },
  });
  const agents = endpoints.map((endpoint) => startAgent(ports, endpoint, disk));
  const order = async (path: string, body: unknown) => {
    const answer = await native.ask(path, { method: 'POST', body });
    const { id } = (await answer.json()) as { readonly id: string };
    for (const agent of agents) {
      await agent.work();
    }
    return id;
  };
  const ids = endpoints.map(({ id }) => id);
  const fetchId = await order('/actions/retrieve', {
    endpointIds: ids,
    paths: [goodPath, badPath, '/srv/gone'],
    incidentId: incident.id,
    reason: 'looks <odd>',
  });
  const sha256 = facts[1]?.sha256;
  const quarantineId = await order('/actions/quarantine', {
    endpointIds: ids.slice(0, 1),
    path: badPath,
    sha256,
    incidentId: incident.id,
  });
  const directory = await mkdtemp(join(tmpdir(), 'custody-bundle-'));
  let saved = 0;
  return {
    ...{ native, endpoints, incident: incident.id, fetchId, quarantineId, directory },
    guid: fileGuid(endpoints[0]?.number ?? (0 as never), parsePath(goodPath)),
    async save(body) {
      const answer = await native.ask('/bundles', { method: 'POST', body });
      if (answer.status !== 200) {
        throw new Error(await answer.text());
      }
      saved += 1;
      const file = join(directory, `bundle-${saved}.zip`);
      await writeFile(file, new Uint8Array(await answer.arrayBuffer()));
      return file;
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true });
      await native[Symbol.asyncDispose]();
    },
  };
}

/** What a bundle holds, by name. */
export async function unpack(file: string): Promise<Map<string, Uint8Array>> {
  await using zip = await openZip(file);
  const files = new Map<string, Uint8Array>();
  for (const each of zip.files) {
    files.set(each.name, new Uint8Array(await new Response(each.read()).arrayBuffer()));
  }
  return files;
}

/** A ZIP of these files. */
export async function pack(file: string, files: Iterable<readonly [string, Uint8Array]>): Promise<string> {
  const entries = [...files].map(([name, bytes]) => ({
    ...{ name, modifiedAt: 0, size: bytes.length },
    open: async () => new Blob([new Uint8Array(bytes)]).stream(),
  }));
  await writeFile(file, new Uint8Array(await new Response(createZipArchiver().zip(entries)).arrayBuffer()));
  return file;
}

/** Puts the files of a bundle into a directory, and runs the program that came with them there. */
export async function runVerifier(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<{ readonly code: number; readonly said: string }> {
  for (const [name, content] of files) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
  const { status, stdout, stderr } = spawnSync('python3', ['-I', join(directory, bundleNames.verifier)], {
    encoding: 'utf8',
  });
  return { code: status ?? -1, said: `${stdout}${stderr}` };
}
