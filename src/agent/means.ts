import { realpathSync } from 'node:fs';
import type { TaskParameters } from '#core/action/verb.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { vaultShareOf } from './operations/vault-share.ts';
import { ownProgramPaths } from './platform/program.ts';
import { systemErrorCode } from './platform/system-error.ts';
import type { EndpointPolicy } from './policy/policy.ts';
import type { Means } from './tasks/carry-out.ts';
import { Lane } from './tasks/lane.ts';
import type { Workshop } from './tasks/perform.ts';
import type { ScanRoom } from './tasks/scan.ts';
import type { UploadTools } from './tasks/upload.ts';
import { VaultLane } from './tasks/vault-lane.ts';
import type { AgentWorld } from './world.ts';

/** How much is worked on at once on this machine, whatever is ordered. */
export interface Lanes {
  readonly vault: VaultLane;
  readonly searches: Lane;
  readonly captures: Lane;
  readonly transfers: Lane;
}

/** Each is a child with a cipher in it. */
const vaultWorkAtOnce = 3;

export function openLanes(): Lanes {
  return {
    vault: new VaultLane(vaultWorkAtOnce),
    searches: new Lane(1),
    captures: new Lane(2),
    transfers: new Lane(4),
  };
}

/** A fetch waits in no lane as a whole: its captures and transfers do. A scan waits for the inventory. */
export function laneOf(
  lanes: Lanes,
  parameters: TaskParameters,
  quotaBytes: number | null,
): Pick<Lane, 'run'> | undefined {
  switch (parameters.verb) {
    case 'fetch':
    case 'logs':
    case 'scan':
      return undefined;
    case 'search':
      return lanes.searches;
    case 'undo':
      return { run: (work) => lanes.vault.run('whole', work) };
    case 'quarantine':
    case 'restore':
    case 'restore_objects':
    case 'plan':
    case 'purge': {
      const kind = parameters.verb === 'quarantine' && parameters.path === null ? 'copies' : parameters.verb;
      const share = vaultShareOf({ ...parameters, kind, quotaBytes });
      return { run: (work) => lanes.vault.run(share, work) };
    }
  }
}

interface Tools {
  readonly workshop: Workshop;
  readonly uploads: UploadTools;
  readonly lanes: Lanes;
  readonly scanning: ScanRoom;
}

type Place = Pick<AgentWorld, 'clock' | 'directory' | 'roots'>;

export function meansOf({ clock, directory, roots }: Place, { workshop, uploads, lanes, scanning }: Tools): Means {
  const { captures, transfers } = lanes;
  const fetching = { ...workshop, uploads, captures, transfers, spool: directory.spool };
  return {
    workshop,
    fetching,
    logs: { fetching, logs: directory.log },
    scanning,
    searching: { child: workshop.child, clock, database: directory.inventory, roots, skip: [directory.root] },
  };
}

type Shop = Pick<AgentWorld, 'childCommand' | 'clock' | 'log' | 'patience' | 'directory' | 'identity' | 'protect'>;

export function workshopOf(
  { childCommand, clock, log, patience, directory, identity, protect }: Shop,
  policy: EndpointPolicy,
): Workshop {
  return {
    child: { command: childCommand, clock, log, patience },
    vault: directory.vault,
    keys: {
      identity: identity.vaultIdentity,
      recipient: identity.vaultRecipient,
      recoveryRecipient: identity.recoveryRecipient,
    },
    own: [directory.root, ...ownProgramPaths(), ...protect].flatMap(asNamedAndReal),
    policy,
    database: directory.inventory,
  };
}

/** A directory that was named through a link is protected where it really is, too. */
function asNamedAndReal(named: string): readonly string[] {
  try {
    const real = realpathSync(named);
    return real === named ? [named] : [named, real];
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    return [named];
  }
}

export function inventoryJob({ directory, roots }: Pick<Place, 'directory' | 'roots'>) {
  return {
    kind: 'inventory' as const,
    database: directory.inventory,
    roots: roots.map((root) => filePathSchema.parse(new Uint8Array(Buffer.from(root)))),
    skip: [directory.root],
  };
}
