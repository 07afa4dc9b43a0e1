import { type ReactNode, useId } from 'react';

interface CardProps {
  readonly title: string;
  /** Beside the title: what can be begun. */
  readonly buttons?: ReactNode;
  readonly isWarned?: boolean;
  readonly children: ReactNode;
}

export function Card({ title, buttons, isWarned = false, children }: CardProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`card${isWarned ? ' engaged' : ''}`}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {buttons}
      </header>
      {children}
    </section>
  );
}
