import { stat } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import { currentPlatform } from '../platform/current.ts';
import { durableFiles } from '../platform/durable-files.ts';
import { readAuthorities } from './authorities.ts';
import { dataDirectory } from './data-directory.ts';
import type { Identity } from './identity.ts';
import { readProxy } from './proxy.ts';
import { serverUrls } from './server-url.ts';
import { updateIdentity } from './update-identity.ts';

export interface TrustChange {
  readonly dataDirectory: string;
  /** A file with the authorities to trust from now on, PEM, in place of those before. */
  readonly caFile?: string | undefined;
  /** Base URLs, in the order in which they are tried, in place of those before. */
  readonly servers?: readonly string[] | undefined;
  /** URL of a proxy; `none`, or nothing, for none. */
  readonly proxy?: string | undefined;
  /** Servers that are reached without the proxy. Default: as before, and what `NO_PROXY` says now for a new proxy. */
  readonly noProxy?: string | undefined;
  /** A file with the authority of an `https://` proxy, PEM. */
  readonly proxyCaFile?: string | undefined;
}

/** Without secrets: a proxy's password is not in it. */
export interface TrustFacts {
  readonly endpointId: string;
  readonly servers: readonly string[];
  readonly authorities: number;
  readonly proxy: string | null;
}

/**
 * Tells an agent whom to trust and where its server is, for when the server can no longer tell it by itself. The agent may
 * run: it reads this before its next connection. Without anything to change it tells what holds.
 * @throws Fault `invalid_request` for wrong arguments, `not_found` when the directory was never enrolled.
 */
export async function changeTrust(change: TrustChange): Promise<TrustFacts> {
  const directory = dataDirectory(change.dataDirectory);
  await demandDirectory(directory.root);
  const servers = change.servers === undefined ? undefined : [...serverUrls(change.servers)];
  const authorities = change.caFile === undefined ? undefined : [...(await readAuthorities(change.caFile))];
  const proxyAuthority =
    change.proxyCaFile === undefined ? undefined : (await readAuthorities(change.proxyCaFile)).join('');
  const place = { fs: durableFiles, platform: await currentPlatform(), directory };
  const changed = await updateIdentity(place, (known) => ({
    ...known,
    ...(servers && { servers, formerServers: [] }),
    ...(authorities && { authorities }),
    proxy: proxyAfter(known, change, proxyAuthority),
  }));
  return factsOf(changed);
}

function proxyAfter(known: Identity, change: TrustChange, authority: string | undefined): Identity['proxy'] {
  if (change.proxy === 'none' || change.proxy === '') {
    return null;
  }
  const url = change.proxy ?? known.proxy?.url;
  if (url === undefined) {
    return null;
  }
  const before = change.proxy === undefined ? known.proxy : null;
  return readProxy({
    url,
    except: change.noProxy ?? before?.except.join(),
    authority: authority ?? before?.authority ?? undefined,
  });
}

function factsOf({ endpointId, servers, authorities, proxy }: Identity): TrustFacts {
  const shown = proxy === null ? null : new URL(proxy.url);
  return { endpointId, servers, authorities: authorities.length, proxy: shown && `${shown.protocol}//${shown.host}` };
}

async function demandDirectory(root: string): Promise<void> {
  const isThere = await stat(root).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (!isThere) {
    throw new Fault('not_found', `${root} holds no enrolled agent. Run "custody agent enroll" first.`);
  }
}
