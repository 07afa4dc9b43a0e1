import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Moment } from '../../kit/moment.tsx';
import { tell } from '../../kit/notices.tsx';
import { ShownText } from '../../kit/shown-text.tsx';
import { counted } from '../../words/amounts.ts';
import { ruleText } from '../../words/approvals.ts';
import { standingWords } from '../../words/hash-lists.ts';

export type Preview = Awaited<ReturnType<typeof client.previewQuarantine>>;

interface BlastRadiusProps {
  readonly preview: Preview;
  readonly sha256: string;
  onRunning(searchId: string): void;
}

/** What a quarantine of every copy of a content would touch. */
export function BlastRadius({ preview, sha256, onRunning }: BlastRadiusProps) {
  const { seen } = preview;
  return (
    <section aria-labelledby="blast-radius" className="card blast-radius">
      <h2 id="blast-radius">Blast radius</h2>
      <ul className="numbers" role="list">
        <Amount of="endpoints have it" value={String(seen.endpoints)} />
        <Amount of="files" value={String(seen.files)} />
        <Amount of="of the fleet" value={`${preview.fleet.percent} %`} />
        <Amount of="connected now" value={String(seen.connected)} />
        <Amount of="copies in vaults already" value={String(preview.quarantined.objects)} />
      </ul>
      <div className="columns">
        <div>
          <RadiusFacts preview={preview} sha256={sha256} />
          <Guard preview={preview} />
        </div>
        <div>
          <Paths preview={preview} />
          <Running onRunning={onRunning} preview={preview} sha256={sha256} />
        </div>
      </div>
    </section>
  );
}

function Amount({ value, of }: { readonly value: string; readonly of: string }) {
  return (
    <li>
      <strong>{value}</strong> {of}
    </li>
  );
}

function RadiusFacts({
  preview: { seen, fleet, quarantined, underWay, listed },
  sha256,
}: Omit<BlastRadiusProps, 'onRunning'>) {
  return (
    <Facts
      facts={[
        ['SHA-256', <code key="hash">{sha256}</code>],
        [
          'First reported',
          seen.since === null ? 'Never: no endpoint has it on its disks.' : <Moment at={seen.since} key="at" />,
        ],
        ['Fleet', counted(fleet.endpoints, 'endpoint')],
        [
          'In vaults',
          quarantined.objects === 0 ? (
            'Nowhere yet'
          ) : (
            <Link key="held" params={{ sha256 }} to="/quarantine/$sha256">
              {counted(quarantined.objects, 'copy', 'copies')} on {counted(quarantined.endpoints, 'endpoint')}
            </Link>
          ),
        ],
        ['Under way', underWay === 0 ? null : `Being quarantined on ${counted(underWay, 'endpoint')}`],
        ['List', standingWords(listed)],
        [
          'System packages',
          seen.packages.length === 0 ? (
            'None has these bytes'
          ) : (
            <span key="packages">
              <Badge tone="bad">Part of the system</Badge>{' '}
              {seen.packages.map(({ package: name, files }) => (
                <span className="chip" key={name}>
                  <ShownText text={name} /> ({files})
                </span>
              ))}
            </span>
          ),
        ],
      ]}
    />
  );
}

/** Whether a second person has to agree, and how it would go out then. */
function Guard({ preview: { rules } }: { readonly preview: Preview }) {
  if (rules.length === 0) {
    return (
      <p className="guard">
        <Badge tone="good">No approval needed</Badge> It goes out at once, to all of these endpoints.
      </p>
    );
  }
  return (
    <div className="guard">
      <Badge tone="wait">Waits for a second person</Badge>
      <ul>
        {rules.map((rule) => (
          <li key={rule.rule}>{ruleText(rule)}</li>
        ))}
      </ul>
      <p>
        Once approved it goes out in rings: to one endpoint first, then ten, then a hundred, then all, unless this
        server is set to others. It halts by itself where endpoints fail or fall silent.
      </p>
    </div>
  );
}

function Paths({ preview: { seen } }: { readonly preview: Preview }) {
  return (
    <>
      <h3>{counted(seen.pathsCount, 'path')}</h3>
      <ul className="plain-list scrolled" role="list">
        {seen.paths.map(({ path, files }) => (
          <li key={path}>
            <ShownText text={path} /> <span className="mute">({files})</span>
          </li>
        ))}
        {seen.pathsCount > seen.paths.length && (
          <li className="mute">and {seen.pathsCount - seen.paths.length} more</li>
        )}
      </ul>
    </>
  );
}

/** Where it runs: what incidents tell, and what a search just now finds. */
function Running({ preview: { observed, searched }, sha256, onRunning }: BlastRadiusProps) {
  return (
    <>
      <h3>Running</h3>
      <p>
        {observed.total === 0
          ? 'No incident tells of it running.'
          : `Incidents tell of ${counted(observed.total, 'process', 'processes')}:`}
      </p>
      <ul className="plain-list" role="list">
        {observed.items.map(({ endpointId, path, pid, incidentId }) => (
          <li key={`${endpointId} ${pid} ${path}`}>
            <EndpointLink endpointId={endpointId} /> <ShownText text={path} /> {pid !== null && `(process ${pid}) `}
            <Link params={{ incidentId }} to="/incidents/$incidentId">
              Incident {incidentId}
            </Link>
          </li>
        ))}
      </ul>
      {searched === null ? <AskWhere onRunning={onRunning} sha256={sha256} /> : <Searched searched={searched} />}
    </>
  );
}

function Searched({ searched }: { readonly searched: NonNullable<Preview['searched']> }) {
  const { answered, endpoints, total, items } = searched;
  return (
    <div aria-live="polite">
      <p>
        {answered} of {counted(endpoints, 'endpoint')} have answered just now:{' '}
        {total === 0 ? 'it runs on none of them.' : `it runs at ${counted(total, 'place')}.`}
      </p>
      <ul className="plain-list" role="list">
        {items.map(({ endpointId, path, processes }) => (
          <li key={`${endpointId} ${path}`}>
            <EndpointLink endpointId={endpointId} /> <ShownText text={path} />{' '}
            <span className="mute">
              {counted(processes.length, 'process', 'processes')}: {processes.map(({ pid }) => pid).join(', ')}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function EndpointLink({ endpointId }: { readonly endpointId: string }) {
  return (
    <Link params={{ endpointId }} to="/endpoints/$endpointId">
      Endpoint {endpointId.slice(0, 8)}
    </Link>
  );
}

function AskWhere({ sha256, onRunning }: { readonly sha256: string; onRunning(searchId: string): void }) {
  const maySearch = useMay('files.search');
  const queries = useQueryClient();
  const ask = async () => {
    try {
      const { id } = await client.startSearch({ endpointIds: 'all', pattern: { by: 'sha256', sha256 } });
      await queries.invalidateQueries({ queryKey: ['actions'] });
      onRunning(id);
    } catch (failure) {
      tell(failure instanceof Error ? failure.message : String(failure), 'bad');
    }
  };
  return (
    <Button onPress={() => void ask()} refusal={maySearch ? undefined : 'Your role may not search endpoints.'}>
      Ask the endpoints where it runs
    </Button>
  );
}
