import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useOrdered } from '../../app/ordered.ts';
import { previewQuery } from '../../app/queries.ts';
import { useAnswerAsRead } from '../../kit/as-read.ts';
import { Failed, Loading } from '../../kit/page-states.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { ruleText } from '../../words/approvals.ts';
import type { File } from '../../words/files.ts';
import { IncidentField } from './incident-field.tsx';

export interface Asked {
  readonly file: File;
  readonly hostName: string;
  readonly isOpen: boolean;
  onClose(): void;
}

export function QuarantineHere({
  file: { endpointId, path, sha256, package: owner },
  hostName,
  isOpen,
  onClose,
}: Asked) {
  const ordered = useOrdered();
  const [incidentId, setIncident] = useState('');
  return (
    <ReasonDialog
      act={async (reason) => {
        const action = await client.quarantineFile({
          ...{ endpointIds: [endpointId], path, sha256 },
          ...(reason !== '' && { reason }),
          ...(incidentId !== '' && { incidentId }),
        });
        await ordered(action, `The quarantine ${action.id} was ordered.`);
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title={
        <>
          Quarantine 1 file on <ShownText text={hostName} />?
        </>
      }
      word="Quarantine it"
    >
      <p>
        <ShownText text={path} />
      </p>
      {owner !== null && (
        <p className="banner bad">
          It is part of the system package <ShownText text={owner} />: the endpoint may need it.
        </p>
      )}
      <p>
        It goes into the endpoint’s vault if it still is the same file there, and can be restored as it was. Other
        copies stay where they are.
      </p>
      <IncidentField onChange={setIncident} value={incidentId} />
    </ReasonDialog>
  );
}

type Preview = Awaited<ReturnType<typeof client.previewQuarantine>>;

/** What of a preview a person decides upon; how many are connected, say, changes all the time. */
export function touchedMark({ targets, seen, rules }: Preview): string {
  return JSON.stringify([targets.digest, seen.files, seen.paths, seen.packages, rules]);
}

export function QuarantineEverywhere({ file: { sha256 }, isOpen, onClose }: Asked) {
  const ordered = useOrdered();
  const [incidentId, setIncident] = useState('');
  const query = useQuery({ ...previewQuery(sha256), enabled: isOpen });
  const about = useAnswerAsRead(query, { isOpen, markOf: touchedMark });
  const preview = about.asked;
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        if (preview === undefined) {
          throw new Error('It is not known yet what this would touch.');
        }
        const action = await client.quarantineFile({
          ...{ endpointIds: 'holders', targetDigest: preview.targets.digest, path: null, sha256 },
          ...(reason !== '' && { reason }),
          ...(incidentId !== '' && { incidentId }),
        });
        await ordered(action, `The quarantine ${action.id} was ordered.`);
      }}
      isDanger
      isOpen={isOpen}
      onClose={onClose}
      title="Quarantine every copy in the fleet?"
      word="Quarantine all of them"
    >
      {preview !== undefined && <Touched preview={preview} />}
      {preview === undefined &&
        (query.error === null ? (
          <Loading what="what it would touch" />
        ) : (
          <Failed again={() => void query.refetch()} failure={query.error} what="what it would touch" />
        ))}
      <IncidentField onChange={setIncident} value={incidentId} />
    </ReasonDialog>
  );
}

/** What a quarantine of every copy touches. */
function Touched({ preview: { targets, seen, fleet, quarantined, observed, rules } }: { readonly preview: Preview }) {
  return (
    <>
      <p>
        <strong>
          {counted(seen.files, 'file')} on {counted(targets.endpoints, 'endpoint')}
        </strong>{' '}
        of {counted(fleet.endpoints, 'endpoint')}, {seen.connected} connected now. Just these are asked: where a copy
        came or went meanwhile, nothing is ordered. What is taken can be restored as it was.
      </p>
      <ul className="plain-list scrolled">
        {seen.paths.map(({ path, files }) => (
          <li key={path}>
            <ShownText text={path} /> <span className="mute">{counted(files, 'file')}</span>
          </li>
        ))}
      </ul>
      {seen.pathsCount > seen.paths.length && (
        <p className="mute">and {counted(seen.pathsCount - seen.paths.length, 'more path')}</p>
      )}
      {seen.packages.length > 0 && (
        <p className="banner bad">
          System packages have just these bytes:{' '}
          <ShownText text={seen.packages.map((each) => each.package).join(', ')} />. Endpoints may need them.
        </p>
      )}
      {observed.total > 0 && <p>{counted(observed.total, 'running program')} of it, as incidents tell.</p>}
      {quarantined.objects > 0 && (
        <p className="mute">
          {counted(quarantined.objects, 'copy', 'copies')} on {counted(quarantined.endpoints, 'endpoint')} in vaults
          already.
        </p>
      )}
      {rules.length > 0 && (
        <p>It waits for a second person’s approval: {rules.map((rule) => ruleText(rule)).join(' ')}</p>
      )}
    </>
  );
}
