import './card.css';
import { useId, type ReactNode } from 'react';

export interface CardProps {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  level?: 2 | 3;
}

export function Card({ title, aside, children, level }: CardProps): ReactNode {
  const id = useId();
  const Heading = level === 3 ? 'h3' : 'h2';
  if (!title) return <div className="mu-card">{children}</div>;
  return (
    <section className="mu-card" aria-labelledby={aside ? `${id} ${id}-aside` : id}>
      <div className="mu-card__head">
        <Heading id={id}>{title}</Heading>
        {aside ? <div className="mu-card__aside" id={`${id}-aside`}>
            {aside}
          </div> : null}
      </div>
      {children}
    </section>
  );
}
