// Months and years from left to right, one vaccine a row: what was given, the lawful time, the usual time, today.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Immunization, ImmunizationVaccine } from '@/api/types';
import { formatDate } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import { plainName } from './parts';

const kDay = 86_400_000;
const days = (date: string): number => Date.parse(`${date}T00:00:00Z`) / kDay;

interface Scale {
  from: number;
  to: number;
  step: number; // months between marks
}

/** The first two years whole; later a year back and two ahead. */
export function scaleFor(birth: string, today: string): Scale {
  const born = days(birth);
  const now = days(today);
  const months = (now - born) / 30.44;
  if (months < 18) return { from: born, to: born + 24 * 30.44, step: 6 };
  return { from: now - 365, to: now + 3 * 365, step: 12 };
}

export function Timeline({ data, vaccines }: { data: Immunization; vaccines: readonly ImmunizationVaccine[] }): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 320, rem: 16 });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
      if (element.clientWidth > 0) setSize({ width: element.clientWidth, rem });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [reader.size]);
  const { width, rem } = size;
  const scale = scaleFor(data.birthDate, data.today);
  const pad = 0.75 * rem;
  const x = (day: number) => pad + ((day - scale.from) / (scale.to - scale.from)) * (width - 2 * pad);
  const inside = (day: number) => day >= scale.from && day <= scale.to;
  const clamp = (day: number) => Math.min(scale.to, Math.max(scale.from, day));
  const given = (id: string) => data.doses.flatMap((dose) => dose.evaluations.filter((one) => one.vaccine === id).map((one) => ({ date: dose.date, counts: one.counts })));
  const rows = vaccines.filter((vaccine) => {
    const next = vaccine.next[0];
    return given(vaccine.id).some((one) => inside(days(one.date))) || (next !== undefined && days(next.recommended) <= scale.to);
  });
  const rowHeight = 3 * rem;
  const top = 2 * rem;
  const height = top + rows.length * rowHeight + 0.5 * rem;
  const born = days(data.birthDate);
  const marks = [];
  for (let month = 0; month <= 1500; month += scale.step) {
    const day = born + month * 30.4375;
    if (inside(day)) marks.push({ day, words: scale.step < 12 || month === 0 ? t('immunization.timeline.months', { count: month }) : t('immunization.timeline.years', { count: month / 12 }) });
  }
  const label = rows
    .map((vaccine) => t('immunization.timeline.row', { name: plainName(vaccine.name), given: given(vaccine.id).map((one) => formatDate(one.date, reader)).join('、') || '–', next: vaccine.next[0] ? formatDate(vaccine.next[0].recommended, reader) : '–' }))
    .join(' / ');
  return (
    <figure className="mu-immunization-timeline">
      <figcaption className="mu-sub">
        <T k="immunization.timeline.lead" />
        <span className="mu-immunization-timeline__keys" aria-hidden="true">
          <span className="mu-immunization-timeline__key mu-immunization-timeline__key--given">{t('immunization.timeline.given')}</span>
          <span className="mu-immunization-timeline__key mu-immunization-timeline__key--next">{t('immunization.timeline.next')}</span>
          <span className="mu-immunization-timeline__key mu-immunization-timeline__key--today">{t('immunization.timeline.today')}</span>
        </span>
      </figcaption>
      <div ref={box}>
        <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
          {marks.map((mark) => (
            <g key={mark.day}>
              <line className="mu-immunization-timeline__grid" x1={x(mark.day)} x2={x(mark.day)} y1={top - 0.3 * rem} y2={height} />
              <text className="mu-immunization-timeline__words" x={x(mark.day)} y={rem} textAnchor={x(mark.day) < 3 * rem ? 'start' : x(mark.day) > width - 3 * rem ? 'end' : 'middle'} dx={x(mark.day) < 3 * rem ? -pad : x(mark.day) > width - 3 * rem ? pad : 0}>
                {mark.words}
              </text>
            </g>
          ))}
          {rows.map((vaccine, index) => {
            const y = top + index * rowHeight;
            const bar = y + 2 * rem;
            return (
              <g key={vaccine.id}>
                <text className="mu-immunization-timeline__name" x={pad} y={y + 1.1 * rem}>
                  {plainName(vaccine.name)}
                </text>
                {vaccine.next.map((next) => (
                  <g key={next.number}>
                    <line className="mu-immunization-timeline__legal" x1={x(clamp(days(next.earliest)))} x2={x(clamp(next.latest ? days(next.latest) : scale.to))} y1={bar} y2={bar} />
                    {next.standardFrom && next.standardTo && days(next.standardFrom) <= scale.to ? (
                      <line className="mu-immunization-timeline__usual" x1={x(clamp(days(next.standardFrom)))} x2={x(clamp(days(next.standardTo)))} y1={bar} y2={bar} />
                    ) : null}
                  </g>
                ))}
                {vaccine.next.map((next) =>
                  inside(days(next.recommended)) ? <circle key={next.number} className="mu-immunization-timeline__next" cx={x(days(next.recommended))} cy={bar} r={0.35 * rem} /> : null,
                )}
                {given(vaccine.id).map((one, at) =>
                  inside(days(one.date)) ? <circle key={`${one.date}${at}`} className={one.counts ? 'mu-immunization-timeline__given' : 'mu-immunization-timeline__not'} cx={x(days(one.date))} cy={bar} r={0.4 * rem} /> : null,
                )}
              </g>
            );
          })}
          <line className="mu-immunization-timeline__today" x1={x(days(data.today))} x2={x(days(data.today))} y1={top - 0.3 * rem} y2={height} />
        </svg>
      </div>
    </figure>
  );
}
