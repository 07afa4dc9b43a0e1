import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { useEndpointNames } from '../../app/endpoint-names.ts';
import { useMay } from '../../app/may.ts';
import { Button } from '../../kit/button.tsx';
import { Moment } from '../../kit/moment.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { SimpleTable } from '../../kit/simple-table.tsx';
import type { WholeIncident } from '../../words/incidents.ts';
import { Observe } from './observe.tsx';

/** What was seen that belongs to the incident. */
export function Observed({ incident }: { readonly incident: WholeIncident }) {
  const { endpointIds, files, processes } = incident;
  const mayManage = useMay('incidents.manage');
  const [isAdding, setAdding] = useState(false);
  const ids = useMemo(
    () => [...endpointIds, ...[...files, ...processes].map(({ endpointId }) => endpointId)],
    [endpointIds, files, processes],
  );
  const names = useEndpointNames(ids);
  const endpointOf = ({ endpointId }: { readonly endpointId: string }) => (
    <Link params={{ endpointId }} to="/endpoints/$endpointId">
      <ShownText text={names.get(endpointId) ?? endpointId} />
    </Link>
  );
  return (
    <div className="observed">
      <div className="buttons start">
        <Button onPress={() => setAdding(true)} refusal={mayManage ? undefined : 'Your role may not change incidents.'}>
          Add an endpoint or a file
        </Button>
        <Observe incidentId={incident.id} isOpen={isAdding} onClose={() => setAdding(false)} />
      </div>
      <section className="card">
        <h2>Endpoints</h2>
        {endpointIds.length === 0 && <p className="mute">None was named.</p>}
        <ul className="chips-list">
          {endpointIds.map((endpointId) => (
            <li key={endpointId}>{endpointOf({ endpointId })}</li>
          ))}
        </ul>
      </section>
      <section className="card">
        <h2>Files</h2>
        {files.length === 0 ? (
          <p className="mute">None was named.</p>
        ) : (
          <SimpleTable
            columns={[
              { title: 'Endpoint', show: (row) => endpointOf(row) },
              {
                title: 'Path',
                show: ({ guid, path }) => (
                  <Link params={{ guid }} to="/files/$guid">
                    <ShownText text={path} />
                  </Link>
                ),
              },
              { title: 'SHA-256', show: ({ sha256 }) => (sha256 === null ? 'not known' : <code>{sha256}</code>) },
            ]}
            label="Files of the incident"
            rowId={({ guid, endpointId }) => `${endpointId}.${guid}`}
            rows={files}
          />
        )}
      </section>
      <Processes endpointOf={endpointOf} processes={processes} />
    </div>
  );
}

interface ProcessesProps extends Pick<WholeIncident, 'processes'> {
  endpointOf(of: { readonly endpointId: string }): ReactNode;
}

function Processes({ processes, endpointOf }: ProcessesProps) {
  return processes.length === 0 ? null : (
    <section className="card">
      <h2>Processes</h2>
      <SimpleTable
        columns={[
          { title: 'Endpoint', show: (row) => endpointOf(row) },
          { title: 'Program', show: ({ path }) => <ShownText text={path} /> },
          { title: 'Command', show: ({ commandLine }) => <ShownText text={commandLine ?? ''} /> },
          { title: 'User', show: ({ userName }) => <ShownText text={userName ?? ''} /> },
          { title: 'Process', show: ({ pid }) => pid },
          { title: 'Began', show: ({ startedAt }) => startedAt && <Moment at={startedAt} /> },
        ]}
        label="Processes of the incident"
        rowId={({ guid, endpointId }) => `${endpointId}.${guid}`}
        rows={processes}
      />
    </section>
  );
}
