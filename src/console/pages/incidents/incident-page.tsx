import { PageHead } from '../../kit/page-head.tsx';

export function IncidentPage() {
  return <PageHead title="Incident" />;
}
