import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { tell } from '../../kit/notices.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import type { Evidence } from '../../words/evidence.ts';

interface Asked {
  readonly incident: string;
  readonly what: 'hold' | 'release';
}

/** Incidents that keep the bytes from being deleted, and those that could. */
export function Holds({ evidence: { heldBy, sources } }: { readonly evidence: Evidence }) {
  const [asked, setAsked] = useState<Asked>();
  const mayHold = useMay('incidents.manage');
  const mayRelease = useMay('evidence.delete');
  const named = [...new Set(sources.flatMap(({ incidentId }) => incidentId ?? []))];
  const others = named.filter((incident) => !heldBy.includes(incident));
  return (
    <div className="holds">
      <h3>Hold</h3>
      {heldBy.length === 0 && <p className="mute">No incident on hold keeps these bytes from being deleted.</p>}
      <ul className="plain-list" role="list">
        {heldBy.map((incident) => (
          <li className="hold" key={incident}>
            <Badge tone="good">Held</Badge> <IncidentLink incident={incident} />
            <span className="grow" />
            <Button
              onPress={() => setAsked({ incident, what: 'release' })}
              refusal={mayRelease ? undefined : 'Your role may not release a hold.'}
            >
              Release …
            </Button>
          </li>
        ))}
        {others.map((incident) => (
          <li className="hold" key={incident}>
            <Badge tone="mute">Not held</Badge> <IncidentLink incident={incident} />
            <span className="grow" />
            <Button
              onPress={() => setAsked({ incident, what: 'hold' })}
              refusal={mayHold ? undefined : 'Your role may not hold an incident.'}
            >
              Hold …
            </Button>
          </li>
        ))}
      </ul>
      {named.length === 0 && heldBy.length === 0 && (
        <p className="mute">It was fetched for no incident. A fetch that names one can be held.</p>
      )}
      <HoldDialog asked={asked} onClose={() => setAsked(undefined)} />
    </div>
  );
}

function IncidentLink({ incident }: { readonly incident: string }) {
  return (
    <Link params={{ incidentId: incident }} to="/incidents/$incidentId">
      Incident {incident}
    </Link>
  );
}

function HoldDialog({ asked, onClose }: { readonly asked: Asked | undefined; onClose(): void }) {
  const queries = useQueryClient();
  const isHold = asked?.what === 'hold';
  return (
    <ReasonDialog
      act={async (reason) => {
        if (asked === undefined) {
          return;
        }
        await (isHold
          ? client.holdIncident(asked.incident, { reason })
          : client.releaseIncident(asked.incident, { reason }));
        tell(isHold ? `Incident ${asked.incident} is on hold.` : `Incident ${asked.incident} is released.`);
        await Promise.all(['evidence', 'incidents'].map((root) => queries.invalidateQueries({ queryKey: [root] })));
      }}
      isDanger={!isHold}
      isOpen={asked !== undefined}
      needsReason
      onClose={onClose}
      title={isHold ? `Hold incident ${asked.incident}?` : `Release incident ${asked?.incident ?? ''}?`}
      word={isHold ? 'Hold it' : 'Release it'}
    >
      <p>
        {isHold
          ? 'All that was fetched for this incident, or is about it, is kept until somebody releases it: neither a person nor its age deletes it.'
          : 'All that this incident alone keeps can be deleted again, by a person or by its age. What other incidents hold stays held.'}
      </p>
    </ReasonDialog>
  );
}
