import { PageHead } from '../../kit/page-head.tsx';

export function EvidencePage() {
  return <PageHead title="Evidence" />;
}
