import { PageHead } from '../../kit/page-head.tsx';

export function EvidenceFilePage() {
  return <PageHead title="Fetched file" />;
}
