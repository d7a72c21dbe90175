// The vaccination plan: the next thing to do first, then the days set, the picture, the plan of visits, every vaccine with its
// reasons, and what was given.
import './immunization.css';
import { useState, type ReactNode } from 'react';
import { post, remove, type Problem } from '@/api/client';
import type { Immunization, ImmunizationAppointment, ImmunizationDose, ImmunizationVaccine, VisitPlan } from '@/api/types';
import { PersonPage, SourceChip } from '@/app/person_page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Chip } from '@/components/chip/chip';
import { Segmented } from '@/components/segmented/segmented';
import { Toast } from '@/components/toast/toast';
import { Icon } from '@/icons/icons';
import { formatDate } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import { AppointmentForm, DoseForm, type Wish } from './forms';
import { byUrgency, DoseName, isNow, isOpen, Name, Opened, Reasons, StateChip } from './parts';
import { Timeline } from './timeline';

const emptyWish: Wish = { date: '', time: '', place: '', vaccines: [] };

function Next({ data, onPlan }: { data: Immunization; onPlan: (vaccines: readonly string[]) => void }): ReactNode {
  const reader = usePreferences();
  const routine = data.vaccines.filter((one) => one.category !== 'voluntary' && isOpen(one)).sort(byUrgency);
  const now = routine.filter(isNow);
  const planned = data.appointments[0];
  const coming = [...routine].sort((one, other) => one.next[0]!.recommended.localeCompare(other.next[0]!.recommended))[0];
  const shown = now.length > 0 ? now : coming ? routine.filter((one) => one.next[0]!.recommended === coming.next[0]!.recommended) : [];
  return (
    <Card title={<T k="immunization.next" />}>
      {planned ? (
        <p className="mu-immunization-lead">
          <T k="immunization.next.planned" date={formatDate(planned.date, reader)} />
        </p>
      ) : null}
      <p className={planned ? '' : 'mu-immunization-lead'}>
        {now.some((one) => one.state === 'overdue') ? (
          <T k="immunization.next.overdue" />
        ) : now.length > 0 ? (
          <T k="immunization.next.due" />
        ) : coming ? (
          <T k="immunization.next.later" date={formatDate(coming.next[0]!.recommended, reader)} />
        ) : (
          <T k="immunization.next.none" />
        )}
      </p>
      {shown.length > 0 ? (
        <>
          <ul className="mu-immunization-next">
            {shown.map((vaccine) => (
              <li key={vaccine.id}>
                <strong>
                  <DoseName name={vaccine.name} number={vaccine.next[0]!.number} />
                </strong>
                <StateChip state={vaccine.state} />
                {vaccine.next[0]!.latest ? (
                  <span className="mu-sub">
                    <T k="immunization.until" date={formatDate(vaccine.next[0]!.latest, reader)} />
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
          <div className="mu-actions">
            <Button icon={<Icon name="calendar" />} onClick={() => onPlan(shown.map((one) => one.id))}>
              <T k="immunization.plan-day" />
            </Button>
          </div>
        </>
      ) : null}
    </Card>
  );
}

function Appointments({ items, onChange, onRemove }: { items: readonly ImmunizationAppointment[]; onChange: (one: ImmunizationAppointment) => void; onRemove: (one: ImmunizationAppointment) => void }): ReactNode {
  const t = useText();
  const reader = usePreferences();
  if (items.length === 0) return null;
  return (
    <Card title={<T k="immunization.appointments" />}>
      <ul className="mu-immunization-days">
        {items.map((one) => {
          const day = formatDate(one.date, reader);
          return (
            <li key={one.id}>
              <strong>{one.time ? <T k="immunization.at" date={day} time={one.time} /> : day}</strong>
              {one.place ? <span className="mu-sub">{one.place}</span> : null}
              <ul className="mu-immunization-next">
                {one.vaccines.map((vaccine) => (
                  <li key={vaccine.id}>
                    <DoseName name={vaccine.name} number={vaccine.number} />
                    {vaccine.outcome === 'valid' ? (
                      <Chip kind="ok" icon="check">
                        <T k="immunization.fits" />
                      </Chip>
                    ) : (
                      <>
                        <Chip kind="soon" icon="warning">
                          <T k="immunization.does-not-fit" />
                        </Chip>
                        <Reasons of={vaccine.reasons} />
                      </>
                    )}
                  </li>
                ))}
              </ul>
              <div className="mu-actions">
                <Button look="secondary" icon={<Icon name="pencil" />} onClick={() => onChange(one)} attributes={{ 'aria-label': t('immunization.change-this', { date: day }) }}>
                  <T k="immunization.change" />
                </Button>
                <Button look="secondary" icon={<Icon name="trash" />} onClick={() => onRemove(one)} attributes={{ 'aria-label': t('immunization.remove-this', { date: day }) }}>
                  <T k="immunization.remove" />
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Visits({ base, onTake }: { base: string; onTake: (date: string, vaccines: readonly string[]) => void }): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const [perVisit, setPerVisit] = useState('2');
  const plan = useResource<VisitPlan>(`${base}/plan?perVisit=${perVisit}`);
  return (
    <Card title={<T k="immunization.visits" />}>
      <p>
        <T k="immunization.visits.lead" />
      </p>
      <Segmented
        name="per-visit"
        legend={<T k="immunization.visits.per" />}
        value={perVisit}
        onChange={setPerVisit}
        options={['1', '2', '3', '4'].map((count) => ({ value: count, label: <T k="immunization.visits.up-to" count={count} /> }))}
      />
      <Loaded resource={plan}>
        {({ visits }) => (
          <>
            <p>{visits.length > 0 ? <T k="immunization.visits.count" count={visits.length} /> : <T k="immunization.next.none" />}</p>
            <ol className="mu-immunization-days">
              {visits.map((visit) => {
                const day = formatDate(visit.date, reader);
                return (
                  <li key={visit.date}>
                    <strong>{day}</strong>
                    <ul className="mu-immunization-next">
                      {visit.doses.map((dose) => (
                        <li key={dose.vaccine}>
                          <DoseName name={dose.name} number={dose.proposal.number} />
                        </li>
                      ))}
                    </ul>
                    <Button look="quiet" onClick={() => onTake(visit.date, visit.doses.map((dose) => dose.vaccine))} attributes={{ 'aria-label': t('immunization.visits.take-this', { date: day }) }}>
                      <T k="immunization.visits.take" />
                    </Button>
                  </li>
                );
              })}
            </ol>
          </>
        )}
      </Loaded>
    </Card>
  );
}

function VaccineDetails({ vaccine }: { vaccine: ImmunizationVaccine }): ReactNode {
  const reader = usePreferences();
  const next = vaccine.next[0];
  return (
    <Opened
      className="mu-immunization-vaccine"
      summary={
        <>
        <span className="mu-immunization-vaccine__name">
          <Name of={vaccine.name} />
        </span>
        <StateChip state={vaccine.state} />
        <span className="mu-sub">
          {vaccine.needed > 0 ? <T k="immunization.progress" done={vaccine.done} needed={vaccine.needed} /> : null}{' '}
          {next ? <T k="immunization.from" date={formatDate(next.recommended, reader)} /> : null}
        </span>
        </>
      }
    >
      {() => (
        <>
      <Reasons of={vaccine.reasons} />
      {vaccine.next.map((proposal) => (
        <section key={proposal.number} className="mu-immunization-proposal">
          <h3>
            <DoseName name={vaccine.name} number={proposal.number} />{' '}
            {proposal.askCity ? (
              <Chip kind="soon" icon="building">
                <T k="immunization.ask-city" />
              </Chip>
            ) : null}
          </h3>
          <dl className="mu-facts">
            <div>
              <dt>
                <T k="immunization.window" />
              </dt>
              <dd>{proposal.latest ? <T k="immunization.span" from={formatDate(proposal.earliest, reader)} to={formatDate(proposal.latest, reader)} /> : <T k="immunization.from" date={formatDate(proposal.earliest, reader)} />}</dd>
            </div>
            {proposal.standardFrom ? (
              <div>
                <dt>
                  <T k="immunization.usual" />
                </dt>
                <dd>{proposal.standardTo ? <T k="immunization.span" from={formatDate(proposal.standardFrom, reader)} to={formatDate(proposal.standardTo, reader)} /> : <T k="immunization.from" date={formatDate(proposal.standardFrom, reader)} />}</dd>
              </div>
            ) : null}
          </dl>
          <Reasons of={proposal.reasons} />
        </section>
      ))}
        </>
      )}
    </Opened>
  );
}

function Given({ doses, onAdd }: { doses: readonly ImmunizationDose[]; onAdd: () => void }): ReactNode {
  const reader = usePreferences();
  return (
    <Card title={<T k="immunization.given" />}>
      {doses.length === 0 ? (
        <p>
          <T k="immunization.given.none" />
        </p>
      ) : (
        <ul className="mu-immunization-days">
          {doses.map((dose) => {
            const doubtful = dose.evaluations.filter((one) => one.outcome !== 'valid');
            const first = dose.evaluations[0];
            return (
              <li key={dose.id}>
                <strong>{first ? <DoseName name={first.name} number={first.number} /> : dose.name}</strong>
                <span>{formatDate(dose.date, reader)}</span>
                <div className="mu-row">
                  <SourceChip source={dose.source} name={dose.sourceName} />
                  {doubtful.map((one) => (
                    <Chip key={one.vaccine} kind="soon" icon="info">
                      <T k={`immunization.outcome.${one.outcome}`} />
                    </Chip>
                  ))}
                  {first && doubtful.length === 0 ? (
                    <Chip kind="ok" icon="check">
                      <T k="immunization.outcome.valid" />
                    </Chip>
                  ) : null}
                </div>
                {first === undefined ? (
                  <p className="mu-sub">
                    <T k="immunization.unknown-vaccine" />
                  </p>
                ) : (
                  <Opened className="mu-immunization-why" summary={<T k="immunization.why" />}>
                    {() => dose.evaluations.map((one) => (
                      <div key={one.vaccine}>
                        <Reasons of={one.reasons} />
                        {one.counts ? null : (
                          <p>
                            <T k="immunization.outcome.ask" />
                          </p>
                        )}
                      </div>
                    ))}
                  </Opened>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <div className="mu-actions">
        <Button look="secondary" icon={<Icon name="plus" />} onClick={onAdd}>
          <T k="immunization.add-dose" />
        </Button>
      </div>
    </Card>
  );
}

function Details({ vaccines, title }: { vaccines: readonly ImmunizationVaccine[]; title: ReactNode }): ReactNode {
  if (vaccines.length === 0) return null;
  return (
    <Card title={title}>
      {vaccines.map((vaccine) => (
        <VaccineDetails key={vaccine.id} vaccine={vaccine} />
      ))}
    </Card>
  );
}

export function VaccinationPlan({ person }: { person: string }): ReactNode {
  const base = `/api/v1/people/${person}/immunization`;
  const overview = useResource<Immunization>(base);
  const [wish, setWish] = useState<Wish | null>(null);
  const [adding, setAdding] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState<{ kind: 'saved' | 'removed'; id: string; before?: ImmunizationAppointment } | null>(null);
  const cancel = async (one: ImmunizationAppointment) => {
    const answer = await remove(`${base}/appointments/${one.id}`);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    setDone({ kind: 'removed', id: one.id });
    await overview.reload();
  };
  const undo = async () => {
    if (!done) return;
    const answer = done.kind === 'removed' ? await post(`${base}/appointments/${done.id}/restore`) : await remove(`${base}/appointments/${done.id}`);
    setProblem(answer.ok ? null : answer.problem);
    setDone(null);
    await overview.reload();
  };
  return (
    <PersonPage person={person} section="/vaccinations/plan" title="immunization.title" back={`/p/${person}`}>
      {() => (
        <>
          {problem ? <ProblemNotice problem={problem} reading /> : null}
          <Loaded resource={overview}>
            {(data) => {
              const routine = data.vaccines.filter((one) => one.category !== 'voluntary').sort(byUrgency);
              const open = routine.filter(isOpen);
              return (
                <>
                  <Next data={data} onPlan={(vaccines) => setWish({ ...emptyWish, vaccines })} />
                  <Appointments
                    items={data.appointments}
                    onChange={(one) => setWish({ id: one.id, date: one.date, time: one.time ?? '', place: one.place ?? '', vaccines: one.vaccines.map((vaccine) => vaccine.id) })}
                    onRemove={(one) => void cancel(one)}
                  />
                  {open.length > 0 ? (
                    <>
                      <Card title={<T k="immunization.timeline" />}>
                        <Timeline data={data} vaccines={routine} />
                      </Card>
                      <Visits base={base} onTake={(date, vaccines) => setWish({ ...emptyWish, date, vaccines })} />
                    </>
                  ) : null}
                  <Details title={<T k="immunization.all" />} vaccines={open} />
                  <Details title={<T k="immunization.over" />} vaccines={routine.filter((one) => !isOpen(one))} />
                  <Details title={<T k="immunization.voluntary" />} vaccines={data.vaccines.filter((one) => one.category === 'voluntary').sort(byUrgency)} />
                  <Given doses={data.doses} onAdd={() => setAdding(true)} />
                  <p className="mu-sub">
                    <T k="immunization.note" />
                  </p>
                  {wish ? (
                    <AppointmentForm
                      base={base}
                      vaccines={data.vaccines.filter((one) => isOpen(one) || wish.vaccines.includes(one.id))}
                      wish={wish}
                      onClose={() => setWish(null)}
                      onSaved={(saved) => {
                        setDone(wish.id ? null : { kind: 'saved', id: saved.id });
                        setWish(null);
                        void overview.reload();
                      }}
                    />
                  ) : null}
                  {adding ? (
                    <DoseForm
                      base={base}
                      vaccines={data.vaccines}
                      onClose={() => setAdding(false)}
                      onSaved={() => {
                        setAdding(false);
                        void overview.reload();
                      }}
                    />
                  ) : null}
                </>
              );
            }}
          </Loaded>
          {done ? (
            <Toast onUndo={() => void undo()} onGone={() => setDone(null)}>
              <T k={done.kind === 'removed' ? 'immunization.removed' : 'immunization.saved'} />
            </Toast>
          ) : null}
        </>
      )}
    </PersonPage>
  );
}
