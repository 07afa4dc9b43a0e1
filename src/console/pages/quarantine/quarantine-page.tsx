import { PageHead } from '../../kit/page-head.tsx';

export function QuarantinePage() {
  return <PageHead title="Quarantine" />;
}
