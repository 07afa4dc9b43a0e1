import { type ReactNode, useEffect } from 'react';
import { safeText } from './safe-text.ts';
import { ShownText } from './shown-text.tsx';

interface PageHeadProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** The page's name, on it and in the browser's tab. */
export function PageHead({ title, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${safeText(title)} · Custody`;
  }, [title]);
  return (
    <header className="page-head">
      <h1>
        <ShownText text={title} />
      </h1>
      {children}
    </header>
  );
}
