import { z } from 'zod';
import { mostFound, occupiedPolicies } from '#core/action/verb.ts';
import { action } from './action.ts';
import { type Contract, nothing } from './contract.ts';
import { searchPattern } from './search-pattern.ts';
import { actionId, digest, endpointId, instant, path, reason, sha256, vaultObject } from './values.ts';

const incidentId = z.string().min(1).max(1_024).optional().meta({
  description: 'Kept as given: an unknown incident never stops an order.',
});

const endpointIds = z.array(endpointId).min(1).max(20_000);

export const startFetch = {
  name: 'startFetch',
  summary:
    'Fetches files by GUID from wherever they are, a quarantined one out of its vault. Atomic: after an error nothing runs.',
  method: 'POST',
  path: '/actions/fetch',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({ guids: z.array(z.string().max(64)).min(1).max(20_000), incidentId, reason })
    .meta({ id: 'FetchByGuid' }),
  example: { guids: ['1234567890.-4611686018427387904'] },
  status: 201,
  reply: z
    .object({
      action,
      unknown: z.array(z.string()).meta({ description: 'Those GUIDs that are no file that an endpoint has reported.' }),
    })
    .meta({ id: 'StartedFetch' }),
} as const satisfies Contract;

export const retrieveFiles = {
  name: 'retrieveFiles',
  summary: 'Fetches every path from every named endpoint. Unknown endpoints are left out.',
  method: 'POST',
  path: '/actions/retrieve',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({ endpointIds, paths: z.array(path).min(1).max(20_000), incidentId, reason })
    .meta({ id: 'FetchByPath' }),
  example: { endpointIds: ['0123456789abcdef0123456789abcdef'], paths: ['/etc/passwd'] },
  status: 201,
  reply: action,
} as const satisfies Contract;

export const quarantineFile = {
  name: 'quarantineFile',
  summary:
    'Takes a file, by path and hash or by hash alone, into the vault of each named endpoint, or of all that have it. Unknown ones are left out.',
  method: 'POST',
  path: '/actions/quarantine',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      endpointIds: z.union([endpointIds, z.literal('holders')]).meta({
        description: 'holders: with a hash alone, every endpoint that reported a copy which is there now.',
      }),
      targetDigest: digest.optional().meta({
        description:
          'Of `holders`: as `previewQuarantine` told it. Where the endpoints are others now, nothing is ordered. Needed beyond the most endpoints that one quarantine may name.',
      }),
      path: path
        .nullable()
        .meta({ description: 'Null: every copy with this hash under the roots that agents inventory.' }),
      sha256: sha256.nullable().meta({
        description:
          'Null, with a path only: whichever file stands there when the agent begins. What it was, the outcome tells.',
      }),
      overrideProtection: z.boolean().default(false).meta({
        description: 'Takes files that agents protect, too; needs the permission files.override.',
      }),
      incidentId,
      reason,
    })
    .refine(({ path: given, sha256: hash }) => given !== null || hash !== null, 'must have a path, a sha256, or both')
    .meta({ id: 'Quarantine' }),
  example: {
    endpointIds: ['0123456789abcdef0123456789abcdef'],
    path: '/tmp/eicar.com',
    sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
  },
  status: 201,
  reply: action,
} as const satisfies Contract;

const longestObjectList = 20_000;

const vaultObjects = z.array(vaultObject).min(1).max(longestObjectList).optional().meta({
  description:
    'Just these copies, in place of `vaultObject`: what was counted is what is done. Where one of them has left its vault, nothing is ordered.',
});

const restoreFields = {
  sha256,
  vaultObject: vaultObject.optional().meta({ description: 'Only this copy; without it every one.' }),
  to: path.optional().meta({ description: 'Another place than where it was; takes one copy of one endpoint.' }),
  ifOccupied: z.enum(occupiedPolicies).default('fail').meta({
    description: 'When something has its name: do nothing, use a name beside it, or take that into the vault.',
  }),
  allow: z.boolean().default(false).meta({
    description: 'Puts a blocked hash on the allow list first; needs the permission lists.manage.',
  }),
  incidentId,
  reason,
};

interface NamedObjects {
  readonly vaultObject?: string | undefined;
  readonly vaultObjects?: readonly string[] | undefined;
}

const twice = 'must have vaultObject or vaultObjects';

function namesObjectsOnce({ vaultObject: one, vaultObjects: several }: NamedObjects): boolean {
  return one === undefined || several === undefined;
}

export const restoreFile = {
  name: 'restoreFile',
  summary: 'Puts quarantined files back: every copy or one, on one endpoint or on all that hold the hash.',
  method: 'POST',
  path: '/actions/restore',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({ ...restoreFields, endpointId: endpointId.optional(), vaultObjects })
    .refine(namesObjectsOnce, twice)
    .refine(
      ({ vaultObjects: several, to }) => several === undefined || to === undefined,
      'must have vaultObjects or to',
    )
    .meta({ id: 'Restore' }),
  example: { sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f', ifOccupied: 'fail' },
  status: 201,
  reply: action,
} as const satisfies Contract;

export const undoAction = {
  name: 'undoAction',
  summary: 'Takes a whole quarantine back: every file that it took, on every endpoint, goes to where it was.',
  description:
    'What of the quarantine is open is withdrawn in the same act. Endpoints that are away give their files back when they return, also where their quarantine was never reported. What other actions quarantined stays where it is. Nobody has to approve it, and it can be repeated.',
  method: 'POST',
  path: '/actions/{actionId}/undo',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: z
    .strictObject({
      ifOccupied: z.enum(occupiedPolicies).default('fail').meta({
        description: 'When something has a file’s name: do nothing, use a name beside it, or take that into the vault.',
      }),
      allow: z.boolean().default(false).meta({
        description: 'Puts blocked hashes of what it took on the allow list first; needs the permission lists.manage.',
      }),
      incidentId,
      reason,
    })
    .meta({ id: 'Undo' }),
  example: { ifOccupied: 'fail' },
  status: 201,
  reply: z
    .object({
      undo: action.nullable().meta({
        description:
          'Gives the files back. Null: no agent that is left took one, so the quarantine was merely withdrawn.',
      }),
      withdrawn: z.int().meta({ description: 'Endpoints that never had the quarantine, and never will.' }),
      asked: z.int().meta({ description: 'Endpoints that were asked not to begin it; each is part of the undo.' }),
      removed: z.int().meta({ description: 'Endpoints that were removed since: no order reaches their vaults.' }),
    })
    .meta({ id: 'UndoneAction' }),
} as const satisfies Contract;

export const issueRestoreToken = {
  name: 'issueRestoreToken',
  summary: 'Restores on one endpoint that no network reaches: gives the signed order out as a line of text.',
  description:
    'Somebody brings it there, where `custody agent restore --token` carries it out, once, until it expires by that machine’s clock. It is of no use on another machine. The report comes when the agent has a connection again. It counts as sent: to cancel it does not reach the machine before that.',
  method: 'POST',
  path: '/actions/restore/token',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ ...restoreFields, endpointId }).meta({ id: 'RestoreByToken' }),
  example: {
    sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
    endpointId: '0123456789abcdef0123456789abcdef',
  },
  status: 201,
  reply: z.object({ action, token: z.string(), expiresAt: instant }).meta({ id: 'RestoreToken' }),
} as const satisfies Contract;

export const purgeVault = {
  name: 'purgeVault',
  summary:
    'Deletes what the vaults of the named endpoints hold with a hash, for good. Those that hold none are left out.',
  method: 'POST',
  path: '/actions/purge',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      endpointIds,
      sha256,
      vaultObject: vaultObject.optional().meta({ description: 'Only this copy; without it every one.' }),
      vaultObjects,
      incidentId,
      reason,
    })
    .refine(namesObjectsOnce, twice)
    .meta({ id: 'Purge' }),
  status: 201,
  reply: action,
} as const satisfies Contract;

export const startSearch = {
  name: 'startSearch',
  summary: 'Has endpoints search for files. Each hit is a file of the action, with the outcome done.',
  method: 'POST',
  path: '/actions/search',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      endpointIds: z.union([endpointIds, z.literal('all')]),
      pattern: searchPattern,
      live: z.boolean().default(false).meta({
        description: 'Walks the file systems now, instead of asking the indexes that agents keep.',
      }),
      under: path.optional().meta({ description: "Where a live search begins; without it at the agents' roots." }),
      limit: z.int().min(1).max(mostFound).default(mostFound).meta({ description: 'Most files per endpoint.' }),
      incidentId,
    })
    .meta({ id: 'Search' }),
  example: { endpointIds: 'all', pattern: { by: 'glob', glob: '/home/**/*.docm' } },
  status: 201,
  reply: action,
} as const satisfies Contract;

export const startScan = {
  name: 'startScan',
  summary:
    'Has endpoints look at all that they inventory anew. What they find they tell before they say that they are done.',
  method: 'POST',
  path: '/actions/scan',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ endpointIds: z.union([endpointIds, z.literal('all')]), incidentId }).meta({ id: 'Scan' }),
  status: 201,
  reply: action,
} as const satisfies Contract;

export const abortScans = {
  name: 'abortScans',
  summary: 'Stops scans of endpoints, whoever ordered them, as far as they can be stopped.',
  description: 'Scans that no agent has are withdrawn, and agents that have one are asked not to begin.',
  method: 'POST',
  path: '/actions/scan/abort',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ endpointIds: z.union([endpointIds, z.literal('all')]) }).meta({ id: 'AbortScans' }),
  status: 200,
  reply: z
    .object({
      actionId: actionId.meta({ description: 'The newest scan that was stopped somewhere.' }),
      endpointsCount: z.int().meta({ description: 'On how many endpoints scans were stopped, or asked to be.' }),
    })
    .meta({ id: 'AbortedScans' }),
} as const satisfies Contract;

export const fetchLogs = {
  name: 'fetchLogs',
  summary: 'Has agents send their own logs, which become evidence like fetched files.',
  description:
    'When the action has ended, `downloadAction` gives all of them as one ZIP. Unknown endpoints are left out.',
  method: 'POST',
  path: '/actions/logs',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ endpointIds: z.union([endpointIds, z.literal('all')]), reason }).meta({ id: 'FetchLogs' }),
  status: 201,
  reply: action,
} as const satisfies Contract;
