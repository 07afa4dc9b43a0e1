import { client } from '../../app/client.ts';
import { patternText } from '../../words/about.ts';
import { counted } from '../../words/amounts.ts';
import type { ActionDetails } from '../../words/outcomes.ts';

interface Given {
  readonly reason?: string;
  readonly incidentId?: string;
}

/** The same order once more: what it will touch, in sentences, and how it is given. */
export interface NewOrder {
  readonly sentences: readonly string[];
  readonly isDanger: boolean;
  give(given: Given): Promise<{ readonly id: string; readonly approval: { readonly state: string } | null }>;
}

/** @returns a text where the same cannot be ordered again: why, and what to do instead */
export function orderAnew(action: ActionDetails): NewOrder | string {
  const endpointIds = action.tasks.map(({ endpointId }) => endpointId);
  const [first] = action.tasks;
  if (first === undefined) {
    return 'This action names no endpoint that you may see.';
  }
  return ordersByVerb[action.verb]({
    action,
    endpointIds,
    first,
    where: `on ${counted(endpointIds.length, 'endpoint')}`,
  });
}

interface Told {
  readonly action: ActionDetails;
  readonly endpointIds: string[];
  readonly first: ActionDetails['tasks'][number];
  readonly where: string;
}

const ordersByVerb: Readonly<Record<ActionDetails['verb'], (told: Told) => NewOrder | string>> = {
  fetch: fetchAnew,
  quarantine({ endpointIds, first: { paths, sha256, options }, where }) {
    const [path = null] = paths;
    const what = path ?? `every copy with the SHA-256 ${sha256}`;
    return {
      isDanger: true,
      sentences: [
        `Takes ${what} into the vault ${where}.`,
        ...(path !== null && sha256 !== null ? [`Only where its SHA-256 still is ${sha256}.`] : []),
        ...(options.overrideProtection === true ? ['Files that agents protect are taken, too.'] : []),
        'What is taken can be restored as it was.',
      ],
      give: (given) =>
        client.quarantineFile({
          ...{ endpointIds, path, sha256, ...given },
          overrideProtection: options.overrideProtection ?? false,
        }),
    };
  },
  restore({ endpointIds, first: { sha256, paths, options, endpointId }, where }) {
    if (sha256 === null) {
      return 'It is not known which file was restored.';
    }
    const isOne = endpointIds.length === 1;
    const isOneCopy = options.vaultObject !== undefined;
    const [to] = paths;
    return {
      isDanger: false,
      sentences: [
        `Puts ${isOneCopy ? 'the one copy that this one named' : 'every quarantined file'} with the SHA-256 ${sha256} back ${isOne ? where : 'on every endpoint whose vault holds one now'}.`,
        ...(to === undefined ? [] : [`To ${to}, instead of where they were.`]),
      ],
      give: (given) =>
        client.restoreFile({
          ...{ sha256, ...given, ...options },
          ...(isOne && { endpointId }),
          ...(to !== undefined && { to }),
        }),
    };
  },
  restore_objects: () => 'A planned restore acts on what its plan found. Make a new plan, and run that.',
  plan({ first: { sha256 } }) {
    return sha256 === null
      ? 'It is not known which file was planned for.'
      : {
          isDanger: false,
          sentences: [`Asks endpoints what a restore of ${sha256} would meet. Nothing is changed.`],
          give: async (given) => await client.planRestore({ sha256, ...given }),
        };
  },
  undo({ first: { undoes, options } }) {
    if (undoes === null) {
      return 'It is not known what was undone.';
    }
    return {
      isDanger: false,
      sentences: [`Gives back whatever the quarantine ${undoes} took and vaults still hold, on every endpoint.`],
      async give({ reason }) {
        const { undo } = await client.undoAction(undoes, { ...options, ...(reason !== undefined && { reason }) });
        if (undo === null) {
          throw new Error(`The quarantine ${undoes} has taken nothing that could be given back.`);
        }
        return undo;
      },
    };
  },
  purge({ action, endpointIds, first: { sha256 }, where }) {
    if (sha256 === null) {
      return 'It is not known what was deleted.';
    }
    const vaultObjects = action.tasks.flatMap(({ options }) => options.vaultObjects ?? options.vaultObject ?? []);
    const isNamed = vaultObjects.length > 0;
    const what = isNamed
      ? `the ${counted(vaultObjects.length, 'copy', 'copies')} that this one named`
      : 'whatever vaults hold by then';
    return {
      isDanger: true,
      sentences: [`Deletes ${what}, with the SHA-256 ${sha256}, ${where}, for good. This cannot be undone.`],
      give: (given) => client.purgeVault({ endpointIds, sha256, ...given, ...(isNamed && { vaultObjects }) }),
    };
  },
  search({ endpointIds, first: { pattern, paths, options }, where }) {
    const [under] = paths;
    return pattern === null
      ? 'It is not known what was searched for.'
      : {
          isDanger: false,
          sentences: [
            `Searches for ${patternText(pattern)} ${where}${under === undefined ? '' : `, under ${under}`}.`,
            options.live === true ? 'On the disks as they are now.' : 'In the indexes that agents keep.',
          ],
          give: ({ incidentId }) =>
            client.startSearch({
              ...{ endpointIds, pattern, live: options.live, limit: options.limit },
              ...(under !== undefined && { under }),
              ...(incidentId !== undefined && { incidentId }),
            }),
        };
  },
  logs: ({ endpointIds, where }) => ({
    isDanger: false,
    sentences: [`Has agents send their own logs, ${where}.`],
    give: ({ reason }) => client.fetchLogs({ endpointIds, ...(reason !== undefined && { reason }) }),
  }),
  scan: ({ endpointIds, where }) => ({
    isDanger: false,
    sentences: [`Has agents look at all that they inventory anew, ${where}.`],
    give: ({ incidentId }) => client.startScan({ endpointIds, ...(incidentId !== undefined && { incidentId }) }),
  }),
};

/** Every path from every endpoint, where all have the same ones; else just the files that it told of. */
function fetchAnew({ action, endpointIds, first: { paths }, where }: Told): NewOrder | string {
  const isSame = action.tasks.every((task) => JSON.stringify(task.paths) === JSON.stringify(paths));
  const known = action.tasks.flatMap(({ files }) => files.map(({ guid }) => guid));
  const guids = known.filter((guid) => guid !== null);
  const asked = action.tasks.reduce((sum, task) => sum + task.paths.length, 0);
  if (!isSame && guids.length < asked) {
    return 'Endpoints have not said of every file which one it is. Retry what failed instead.';
  }
  const [only] = paths;
  const what = isSame && paths.length === 1 && only !== undefined ? only : counted(asked, 'file');
  return {
    isDanger: false,
    sentences: [`Fetches ${what} ${where}, as it is there now. Nothing on the endpoint changes.`],
    give: async (given) =>
      isSame
        ? await client.retrieveFiles({ endpointIds, paths, ...given })
        : (await client.startFetch({ guids, ...given })).action,
  };
}
