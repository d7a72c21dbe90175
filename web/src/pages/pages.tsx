import type { ReactNode } from 'react';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Link } from '@/components/link/link';
import { List } from '@/components/list/list';
import { Icon } from '@/icons/icons';
import { rawMessage, type MessageKey } from '@/language/catalogue';
import { DataText, T } from '@/language/text';

/** A family record tied by a cord: the picture of the first page. Decoration only. */
function Picture(): ReactNode {
  return (
    <svg viewBox="0 0 360 260" aria-hidden="true" focusable="false">
      <circle className="mu-landing__tint" cx="180" cy="128" r="112" />
      <rect className="mu-landing__paper" x="96" y="52" width="132" height="164" rx="10" />
      <path className="mu-landing__line" d="M116 84h64M116 106h88" />
      <path className="mu-landing__line" d="M116 176l22-26 20 16 26-34 20 12" />
      <rect className="mu-landing__paper" x="196" y="124" width="118" height="76" rx="8" />
      <path className="mu-landing__line" d="M210 146h44M210 162h34" />
      <circle className="mu-landing__tint" cx="288" cy="158" r="11" />
      <path className="mu-landing__line mu-landing__line--red" d="M40 214c60 34 118 6 132-20s-20-44-34-24 14 50 66 42 86-22 116-4" />
    </svg>
  );
}

export function Landing({ to }: { to: (name: string) => string }): ReactNode {
  return (
    <main className="mu-main mu-main--wide" id="main">
      <div className="mu-stack mu-stack--wide">
        <div className="mu-landing">
          <div className="mu-stack mu-stack--wide">
            <h1>
              <T k="landing.title" />
            </h1>
            <p>
              <T k="landing.lead" />
            </p>
            <div className="mu-actions">
              <Button size="main" href="/start">
                <T k="landing.start" />
              </Button>
              <Button size="main" look="secondary" href="/login">
                <T k="app.sign-in" />
              </Button>
            </div>
          </div>
          <Picture />
        </div>
        <section className="mu-stack">
          <h2>
            <T k="landing.how" />
          </h2>
          <ol className="mu-public-steps">
            {(['1', '2', '3'] as const).map((number) => (
              <li key={number}>
                <h3>
                  <T k={`landing.how.${number}`} />
                </h3>
                <p>
                  <T k={`landing.how.${number}.text`} />
                </p>
              </li>
            ))}
          </ol>
        </section>
        <div className="mu-grid">
          {(['record', 'safe', 'paper'] as const).map((name) => (
            <Card key={name} title={<T k={`landing.${name}`} />}>
              <p>
                <T k={`landing.${name}.text`} />
              </p>
            </Card>
          ))}
        </div>
        <List
          rows={[
            { key: 'help', title: <T k="app.footer.help" />, about: <T k="help.lead" />, href: to('help'), icon: <Icon name="help" /> },
            { key: 'lost', title: <T k="app.footer.lost-card" />, about: <T k="landing.lost" />, href: to('lost-card'), icon: <Icon name="card" /> },
          ]}
        />
      </div>
    </main>
  );
}

/** A page of text: `<name>.1`, `<name>.1.text`, … until the catalogue has no more. */
export function Article({ name, to }: { name: string; to: (name: string) => string }): ReactNode {
  const sections: string[] = [];
  while (rawMessage(`${name}.${sections.length + 1}`) !== undefined) sections.push(`${name}.${sections.length + 1}`);
  const anchors: Record<string, string> = { 'help.4': 'card-app' };
  return (
    <main className="mu-main" id="main">
      <div className="mu-stack mu-stack--wide">
        <h1>
          <T k={`${name}.title` as MessageKey} />
        </h1>
        <p>
          <T k={`${name}.lead` as MessageKey} />
        </p>
        {sections.map((section) => (
          <section key={section} className="mu-stack mu-stack--tight" id={anchors[section]}>
            <h2>
              <DataText name={section} />
            </h2>
            {['text', 'text-2', 'text-3', 'text-4'].map((part) =>
              rawMessage(`${section}.${part}`) === undefined ? null : (
                <p key={part}>
                  <DataText name={`${section}.${part}`} />
                </p>
              ),
            )}
          </section>
        ))}
        <p>
          <Link href={to('')} standing>
            <T k="pages.to-start" />
          </Link>
        </p>
      </div>
    </main>
  );
}
