import { PageHead } from '../../kit/page-head.tsx';

export function ApprovalPage() {
  return <PageHead title="Approval" />;
}
