import { PageHead } from '../../kit/page-head.tsx';

export function SettingsPage() {
  return <PageHead title="Settings" />;
}
