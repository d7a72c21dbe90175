// Every component in every state, for looking and for the accessibility tests (/dev/ui). Not in production builds.
import '@/styles/index.css';
import { Fragment, type ReactNode } from 'react';
import { startEntry } from '@/app/start_entry';
import { Shell } from '@/app/shell';

interface States {
  title: string;
  states: Readonly<Record<string, ReactNode>>;
}

const modules = import.meta.glob<{ default: States }>(['../../components/*/*.states.tsx', '../../charts/*.states.tsx'], { eager: true });
const wanted = new URLSearchParams(location.search).get('component');

function Gallery(): ReactNode {
  return (
    <Shell home="/dev/ui">
      <main className="mu-main" id="main">
        <div className="mu-stack mu-stack--wide">
          <h1>部品見本</h1>
          {Object.entries(modules)
            .map(([path, module]) => ({ name: /([^/]+)\.states\.tsx$/.exec(path)![1]!, ...module.default }))
            .filter(({ name }) => !wanted || name === wanted)
            .map(({ name, title, states }) => (
              <section key={name} className="mu-stack" id={name}>
                <h2>
                  {title} <span className="mu-code mu-sub">{name}</span>
                </h2>
                {Object.entries(states).map(([state, node]) => (
                  <Fragment key={state}>{node}</Fragment>
                ))}
              </section>
            ))}
        </div>
      </main>
    </Shell>
  );
}

void startEntry(
  {
    ja: () => import('virtual:catalogue/citizen/ja'),
    'ja-easy': () => import('virtual:catalogue/citizen/ja-easy'),
    en: () => import('virtual:catalogue/citizen/en'),
  },
  <Gallery />,
);
