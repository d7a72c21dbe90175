import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Registration, RegistrationWay, Terms } from '@/api/types';
import { CardReading } from '@/app/card_reading/card_reading';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Checkbox } from '@/components/checkbox/checkbox';
import { ErrorSummary } from '@/components/error_summary/error_summary';
import { Link } from '@/components/link/link';
import { RadioGroup } from '@/components/radio/radio';
import { Icon } from '@/icons/icons';
import { formatDate } from '@/language/dates';
import { T, usePreferences } from '@/language/text';
import { follow } from './flow';
import { StepPage } from './frame';

export function TermsStep(): ReactNode {
  const { language } = usePreferences();
  const terms = useResource<Terms>(`/api/v1/terms?language=${language}`);
  const [agreed, setAgreed] = useState(false);
  const [error, setError] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  return (
    <StepPage path="/start/terms" step={1} title="start.terms.title">
      {() => (
        <Loaded resource={terms}>
          {(text) => (
            <>
              <p>
                <T k="start.terms.lead" />
              </p>
              <Card title={text.title}>
                {text.sections.map((section) => (
                  <section key={section.heading}>
                    <h3>{section.heading}</h3>
                    <p>{section.text}</p>
                  </section>
                ))}
              </Card>
              <ErrorSummary items={error ? [{ field: 'terms', text: <T k="start.terms.agree-first" /> }] : []} />
              <Checkbox
                name="terms"
                label={<T k="start.terms.agree" />}
                checked={agreed}
                error={error ? <T k="start.terms.agree-first" /> : null}
                onChange={(checked) => {
                  setAgreed(checked);
                  if (checked) setError(false);
                }}
              />
              {problem ? <ProblemNotice problem={problem} /> : null}
              <div className="mu-actions">
                <Button
                  size="main"
                  busy={busy}
                  onClick={async () => {
                    if (!agreed) return setError(true);
                    setBusy(true);
                    const failed = follow(await post<Registration>('/api/v1/registration/terms', { version: text.version }));
                    setBusy(false);
                    setProblem(failed);
                  }}
                >
                  <T k="common.next" />
                </Button>
              </div>
            </>
          )}
        </Loaded>
      )}
    </StepPage>
  );
}

export function WayStep(): ReactNode {
  const [way, setWay] = useState<RegistrationWay | null>(null);
  const [error, setError] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (chosen: RegistrationWay | undefined) => {
    if (!chosen) return setError(true);
    setBusy(true);
    const failed = follow(await post<Registration>('/api/v1/registration/way', { way: chosen }));
    setBusy(false);
    setProblem(failed);
  };
  return (
    <StepPage path="/start/way" step={2} title="start.way.title">
      {(registration) => (
        <>
          <ErrorSummary items={error ? [{ field: 'way', text: <T k="start.way.choose" /> }] : []} />
          {problem ? <ProblemNotice problem={problem} /> : null}
          <RadioGroup
            name="way"
            legend={<T k="start.way.legend" />}
            look="cards"
            value={way ?? registration.way ?? null}
            error={error ? <T k="start.way.choose" /> : null}
            onChange={(value) => {
              setWay(value as RegistrationWay);
              setError(false);
            }}
            options={[
              { value: 'card-reader', label: <T k="start.way.card-reader" />, hint: <T k="start.way.card-reader.hint" />, picture: <Icon name="reader" /> },
              { value: 'phone', label: <T k="start.way.phone" />, hint: <T k="start.way.phone.hint" />, picture: <Icon name="phone" /> },
              { value: 'letter', label: <T k="start.way.letter" />, hint: <T k="start.way.letter.hint" />, picture: <Icon name="letter" /> },
              { value: 'company', label: <T k="start.way.company" />, hint: <T k="start.way.company.hint" />, picture: <Icon name="building" /> },
            ]}
          />
          <Banner kind="info" title={<T k="start.way.child" />}>
            <T k="start.way.child.how" />
          </Banner>
          <div className="mu-actions">
            <Button size="main" busy={busy} onClick={() => void send(way ?? registration.way)}>
              <T k="common.next" />
            </Button>
          </div>
        </>
      )}
    </StepPage>
  );
}

const otherWays = (
  <p>
    <Link href="/start/way" standing>
      <T k="start.other-way" />
    </Link>
  </p>
);

export function CardStep(): ReactNode {
  return (
    <StepPage path="/start/card" step={3} title="start.card.title" back="/start/way">
      {(registration) =>
        registration.way === 'phone' ? (
          <>
            <Card title={<T k="start.phone.title" />}>
              <ol className="mu-stack mu-stack--tight">
                {(['start.phone.1', 'start.phone.2', 'start.phone.3'] as const).map((key) => (
                  <li key={key}>
                    <T k={key} />
                  </li>
                ))}
              </ol>
              <p className="mu-sub">
                <T k="start.phone.note" />
              </p>
            </Card>
            {otherWays}
          </>
        ) : (
          <CardReading
            method="register"
            challengePath="/api/v1/registration/challenge"
            onSigned={async (signed) => follow(await post<Registration>('/api/v1/registration/card', signed))}
            otherWays={otherWays}
          />
        )
      }
    </StepPage>
  );
}

export function CheckStep(): ReactNode {
  const reader = usePreferences();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  return (
    <StepPage path="/start/check" step={4} title="start.check.title">
      {({ attributes }) =>
        attributes ? (
          <>
            <p>
              <T k="start.check.lead" />
            </p>
            <Card>
              <dl className="mu-facts">
                <div>
                  <dt>
                    <T k="common.name" />
                  </dt>
                  <dd>{attributes.name}</dd>
                </div>
                <div>
                  <dt>
                    <T k="common.address" />
                  </dt>
                  <dd>{attributes.address}</dd>
                </div>
                <div>
                  <dt>
                    <T k="common.birth-date" />
                  </dt>
                  <dd>{formatDate(attributes.birthDate, reader)}</dd>
                </div>
                <div>
                  <dt>
                    <T k="common.sex" />
                  </dt>
                  <dd>
                    <T k={`common.sex.${attributes.sex}`} />
                  </dd>
                </div>
              </dl>
            </Card>
            {attributes.nameHasSubstitutes ? (
              <Banner kind="info" title={<T k="start.check.substitutes" />}>
                <T k="start.check.substitutes.why" />
              </Banner>
            ) : null}
            <p className="mu-sub">
              <T k="start.check.wrong" />
            </p>
            {problem ? <ProblemNotice problem={problem} /> : null}
            <div className="mu-actions">
              <Button
                size="main"
                busy={busy}
                onClick={async () => {
                  setBusy(true);
                  const failed = follow(await post<Registration>('/api/v1/registration/check'));
                  setBusy(false);
                  setProblem(failed);
                }}
              >
                <T k="start.check.right" />
              </Button>
            </div>
          </>
        ) : null
      }
    </StepPage>
  );
}

