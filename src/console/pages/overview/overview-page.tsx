import type { ReactNode } from 'react';
import '../../style/overview.css';
import { useMay } from '../../app/may.ts';
import { PageHead } from '../../kit/page-head.tsx';
import { ActionGroup } from './action-group.tsx';
import { Attention } from './attention.tsx';
import { FirstStepsOffer } from './first-steps-offer.tsx';
import { FleetCard } from './fleet-card.tsx';
import { LatestEvents } from './latest-events.tsx';
import { ServerCard } from './server-card.tsx';
import { Timeline } from './timeline.tsx';

/** What needs somebody now, before everything else. */
export function OverviewPage(): ReactNode {
  const mayFollow = useMay('events.read');
  return (
    <>
      <PageHead title="Overview" />
      <FirstStepsOffer />
      <Attention />
      <div className="overview">
        <ActionGroup
          none="Nothing is running."
          statuses={['pending', 'in_progress', 'cancelling']}
          title="Running"
          what="what is running"
        />
        <ActionGroup
          days={7}
          none="Nothing has failed in seven days."
          statuses={['failed', 'completed_partial', 'expired', 'timeout']}
          title="Failed, last 7 days"
          what="what has failed"
        />
        <FleetCard />
        <ServerCard />
      </div>
      <Timeline />
      {mayFollow && <LatestEvents />}
    </>
  );
}
