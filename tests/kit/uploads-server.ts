import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { UploadProgress } from '#core/file/upload-progress.ts';
import type { Ports } from '#core/ports/ports.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { enrolEndpoint } from '#core/verbs/enrol-endpoint.ts';
import { openAction } from '#core/verbs/open-action.ts';
import { createAgentRequests } from '#gateway/agent-requests.ts';
import { ownCertificate } from '#server/authority.ts';
import { loadConfig } from '#server/config.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { loadEvidenceKey } from '#server/evidence-key.ts';
import { fileSystem } from '#server/file-system.ts';
import { listen } from '#server/listen.ts';
import { createLog } from '#server/log.ts';
import { policyOf } from '#server/policy.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { newKeyPair } from '#wire/signature.ts';
import { SwitchableSigner } from './switchable-signer.ts';

/**
 * The uploads' side of a server in a process of its own, so that a test can kill it and a benchmark can measure it: the real listener, gateway, store and
 * evidence directory. At its first start it enrols one endpoint and opens one fetch task of `files` files for it.
 */
const [root = '', port = '0', chunk = '0', files = '1'] = process.argv.slice(2);
const facts: HostFacts = {
  ...{ hostName: 'host-a', platform: 'linux', operatingSystem: 'Debian', operatingSystemVersion: '13' },
  ...{ architecture: 'x64', addresses: [], macAddresses: [], users: [], domain: '', agentVersion: '0.1.0' },
  ...{ roots: ['/srv'], limitations: [] },
};
const role = builtInRole('Instance Administrator');
const local = { kind: 'local', id: 'local', name: 'local', role, scope: wholeFleet } as const;
const directory = dataDirectory(root);
const log = createLog('error');
const machine = { clock: systemClock, random: systemRandom, fs: fileSystem, log };
const certificate = await ownCertificate({ ...machine, directory }, ['127.0.0.1']);
const store = await openSqliteStore({ path: directory.store, deadline: 5_000, clock: systemClock });
const keys = await loadEvidenceKey({ ...machine, directory }, directory.evidence);
const blobs = await openFilesystemBlobs({ directory: directory.evidence, keys, random: systemRandom });
const policy = policyOf(await loadConfig(fileSystem, { flags: { data: root }, environment: {} }), 'https://127.0.0.1');
const ports = { ...machine, store, blobs, policy };
const setup = path.join(root, 'setup.json');
if (!existsSync(setup)) {
  writeFileSync(setup, JSON.stringify(await openTask(ports)));
}
const requests = createAgentRequests(
  { ...ports, uploadProgress: new UploadProgress(), signer: new SwitchableSigner() },
  { recoveryRecipient: 'age1', uploadChunkBytes: Number(chunk) },
);
const listener = await listen<undefined>({
  ...certificate,
  address: { host: '127.0.0.1', port: Number(port) },
  adminSocket: directory.adminSocket,
  socketPath: '/agent/v1',
  uploadsPath: '/agent/v1/uploads',
  agentPath: '/agent/v1',
  agentAddress: undefined,
  ...{ log, clock: systemClock, http2: true, mostOfAddress: 0 },
  answer: requests,
  upgrade: () => new Response(null, { status: 426 }),
  websocket: { message: () => undefined },
});
process.stdout.write(`${JSON.stringify({ port: listener.port })}\n`);

async function openTask(
  given: Pick<Ports, 'store' | 'clock' | 'random' | 'log' | 'policy'>,
): Promise<{ readonly devicePem: string; readonly endpointId: string; readonly taskId: string }> {
  const pair = newKeyPair();
  const { secret: token } = await createEnrolmentToken(given, local, { uses: 1, lifetime: 60_000, tags: [] });
  const endpoint = await enrolEndpoint(given, {
    ...{ token, devicePublicKey: pair.publicKey, vaultRecipient: 'age1', facts, remoteAddress: '' },
  });
  const parameters = {
    verb: 'fetch' as const,
    files: Array.from({ length: Number(files) }, (_, index) => ({
      path: parsePath(`/srv/${index}`),
      vaultObject: null,
      indexedSha256: null,
    })),
  };
  const origin = { principal: local, dialect: 'native' } as const;
  const action = await given.store.transact((transaction) =>
    openAction(given, transaction, { origin, targets: [{ endpointId: endpoint.id, parameters }] }),
  );
  const [task] = await given.store.read(({ tasks }) => tasks.byAction(action.id));
  return { devicePem: pair.privatePem, endpointId: endpoint.id, taskId: task?.id ?? '' };
}
