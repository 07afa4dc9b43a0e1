import { PageHead } from '../../kit/page-head.tsx';

export function IncidentsPage() {
  return <PageHead title="Incidents" />;
}
