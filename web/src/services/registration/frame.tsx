import { useEffect, useState, type ReactNode } from 'react';
import type { Registration } from '@/api/types';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Skeleton } from '@/app/resource';
import { go } from '@/app/routing';
import { Button } from '@/components/button/button';
import { Steps } from '@/components/steps/steps';
import type { MessageKey } from '@/language/catalogue';
import { T, useText } from '@/language/text';
import { draft, keepDraft, loadRegistration, mayStay, pathOfStep, useRegistration } from './flow';

const names: readonly MessageKey[] = ['start.step.mail', 'start.step.terms', 'start.step.way', 'start.step.identity', 'start.step.check', 'start.step.contact', 'start.step.passcode'];

/** A page of the registration: loads where it stands, follows when another page is due, shows the way so far. */
export function StepPage(props: { path: string; step: number; title: MessageKey; back?: string; children: (registration: Registration) => ReactNode }): ReactNode {
  const t = useText();
  const { registration, problem } = useRegistration();
  useEffect(() => {
    if (!registration) void loadRegistration();
  }, []);
  useEffect(() => {
    if (registration && !mayStay(props.path, registration)) go(pathOfStep[registration.step], { replace: true });
  }, [registration, props.path]);
  return (
    <Page title={t(props.title)} heading={<T k={props.title} />} {...(props.back ? { back: { href: props.back, label: <T k="common.back" /> } } : {})}>
      <Steps current={props.step} names={names.map((name) => <T key={name} k={name} />)} />
      {registration ? (
        props.children(registration)
      ) : problem ? (
        <ProblemNotice problem={problem} onRetry={() => void loadRegistration()}>
          <div className="mu-actions">
            <Button href="/start">
              <T k="start.enter-mail" />
            </Button>
          </div>
        </ProblemNotice>
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

/** Form values that survive going back and forth; held in memory only. */
export function useDraft<T extends object>(name: string, initial: T): [T, (change: Partial<T>) => void] {
  const [value, setValue] = useState<T>(() => draft(name, initial));
  return [
    value,
    (change) =>
      setValue((old) => {
        const next = { ...old, ...change };
        keepDraft(name, next);
        return next;
      }),
  ];
}
