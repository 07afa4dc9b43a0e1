import { PageHead } from '../../kit/page-head.tsx';

export function ApprovalsPage() {
  return <PageHead title="Approvals" />;
}
