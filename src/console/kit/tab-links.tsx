import type { ReactNode } from 'react';

/** Views of one page. Each is a link, so that the address holds which one is shown. */
export function TabLinks({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <nav aria-label={label} className="tab-links">
      {children}
    </nav>
  );
}
