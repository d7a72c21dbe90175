import './person_switcher.css';
import type { ReactNode } from 'react';

export interface SwitchPerson {
  id: string;
  name: string;
  kana?: string;
  mark: 1 | 2 | 3 | 4 | 5;
  href: string;
  about?: ReactNode;
}

/** The person is always in the address; switching is going to another page. Names are never cut. */
export function PersonSwitcher({ label, people, current }: { label: string; people: readonly SwitchPerson[]; current: string }): ReactNode {
  return (
    <nav className="mu-people" aria-label={label}>
      <ul>
        {people.map((person) => (
          <li key={person.id}>
            <a
              href={person.href}
              className={`mu-people__one mu-people__one--${person.mark}`}
              aria-current={person.id === current ? 'page' : undefined}
            >
              <span className="mu-people__name">
                {person.kana ? (
                  <ruby>
                    {person.name}
                    <rp>（</rp>
                    <rt>{person.kana}</rt>
                    <rp>）</rp>
                  </ruby>
                ) : (
                  person.name
                )}
              </span>
              {person.about ? <span className="mu-people__about">{person.about}</span> : null}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
