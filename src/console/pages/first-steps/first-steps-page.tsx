import { PageHead } from '../../kit/page-head.tsx';

export function FirstStepsPage() {
  return <PageHead title="First steps" />;
}
