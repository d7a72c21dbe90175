// The child's own line on the bands of the survey.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { GrowthEntry, GrowthMeasure } from '@/api/types';
import { formatDate, formatNumber } from '@/language/dates';
import { usePreferences, useText } from '@/language/text';

export function monthsOf(entry: GrowthEntry): number {
  return entry.correctedMonths ?? entry.months;
}

/** From birth to a year and a half, or to a year beyond the last value. */
export function lastMonth(measure: GrowthMeasure): number {
  const newest = Math.max(0, ...measure.entries.map((entry) => entry.months));
  const end = measure.curve.at(-1)?.months ?? 72;
  return Math.min(end, Math.max(12, Math.ceil((newest + 6) / 6) * 6));
}

/** The curve as far as `end`, with a point there. */
export function upTo(curve: GrowthMeasure['curve'], end: number): GrowthMeasure['curve'] {
  const inside = curve.filter((point) => point.months <= end);
  const before = inside.at(-1);
  const after = curve.find((point) => point.months > end);
  if (!before || !after || before.months === end) return inside;
  const part = (end - before.months) / (after.months - before.months);
  return [...inside, { months: end, values: before.values.map((value, index) => value + part * (after.values[index]! - value)) }];
}

function steps(low: number, high: number, most: number): number[] {
  const step = [0.5, 1, 2, 5, 10, 20].find((one) => (high - low) / one <= most) ?? 50;
  const marks = [];
  for (let mark = Math.ceil(low / step) * step; mark <= high; mark += step) marks.push(mark);
  return marks;
}

export function GrowthChart({ measure, what }: { measure: GrowthMeasure; what: string }): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 320, rem: 16 });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measureBox = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
      if (element.clientWidth > 0) setSize({ width: element.clientWidth, rem });
    };
    measureBox();
    const observer = new ResizeObserver(measureBox);
    observer.observe(element);
    return () => observer.disconnect();
  }, [reader.size]);
  const { width, rem } = size;
  const end = lastMonth(measure);
  const curve = upTo(measure.curve, end);
  const own = measure.entries.map((entry) => ({ entry, months: monthsOf(entry) })).filter((one) => one.months >= 0 && one.months <= end);
  const values = [...curve.flatMap((point) => [point.values[0]!, point.values[6]!]), ...own.map((one) => one.entry.value)];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const height = Math.min(26 * rem, Math.max(18 * rem, width * 0.7));
  const area = { left: 2.6 * rem, right: width - 0.75 * rem, top: 0.75 * rem, bottom: height - 2.2 * rem };
  const x = (months: number) => area.left + (Math.min(months, end) / end) * (area.right - area.left);
  const y = (value: number) => area.bottom - ((value - low) / (high - low || 1)) * (area.bottom - area.top);
  const band = (from: number, to: number) =>
    `M${curve.map((point) => `${x(point.months)} ${y(point.values[from]!)}`).join('L')}L${[...curve].reverse().map((point) => `${x(point.months)} ${y(point.values[to]!)}`).join('L')}Z`;
  const monthMarks = [];
  const monthStep = end <= 24 ? 6 : 12;
  for (let month = 0; month <= end; month += monthStep) monthMarks.push(month);
  const label = `${t('growth.chart', { what })}: ${measure.entries.map((entry) => `${formatDate(entry.date, reader)} ${formatNumber(entry.value, reader.language, 1)} ${measure.unit}`).join(' / ')}`;
  return (
    <div ref={box} className="mu-growth-chart">
      <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {curve.length > 1 ? (
          <>
            <path className="mu-growth-chart__band mu-growth-chart__band--outer" d={band(0, 6)} />
            <path className="mu-growth-chart__band mu-growth-chart__band--middle" d={band(1, 5)} />
            <path className="mu-growth-chart__band mu-growth-chart__band--inner" d={band(2, 4)} />
            <path className="mu-growth-chart__median" d={`M${curve.map((point) => `${x(point.months)} ${y(point.values[3]!)}`).join('L')}`} />
          </>
        ) : null}
        {steps(low, high, Math.max(3, Math.floor((area.bottom - area.top) / (2.6 * rem)))).map((mark) => (
          <g key={mark}>
            <line className="mu-growth-chart__grid" x1={area.left} x2={area.right} y1={y(mark)} y2={y(mark)} />
            <text className="mu-growth-chart__words" x={area.left - 0.4 * rem} y={y(mark)} dy="0.35em" textAnchor="end">
              {formatNumber(mark, reader.language, Number.isInteger(mark) ? 0 : 1)}
            </text>
          </g>
        ))}
        {monthMarks.map((month, index) => (
          <text key={month} className="mu-growth-chart__words" x={x(month)} y={area.bottom + 1.6 * rem} textAnchor={index === 0 ? 'start' : index === monthMarks.length - 1 ? 'end' : 'middle'}>
            {monthStep < 12 || month === 0 ? t('growth.months', { count: month }) : t('growth.years', { count: month / 12 })}
          </text>
        ))}
        {own.length > 1 ? <path className="mu-growth-chart__own" d={`M${own.map((one) => `${x(one.months)} ${y(one.entry.value)}`).join('L')}`} /> : null}
        {own.map((one, index) => (
          <circle key={index} className="mu-growth-chart__point" cx={x(one.months)} cy={y(one.entry.value)} r={0.28 * rem} />
        ))}
      </svg>
    </div>
  );
}
