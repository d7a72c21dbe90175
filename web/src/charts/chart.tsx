// Our chart kit: axis, band, lines, bars, a reader that says each record, and the same figures as a table.
import './chart.css';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { Button } from '@/components/button/button';
import { Table } from '@/components/table/table';
import { Icon } from '@/icons/icons';
import { formatDate, formatNumber, formatYear } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import { dateOfDay, dayNumber, linear, linePath, niceTicks, timeTicks } from './scale';

export interface Series {
  key: string;
  name: string;
  look: 'own' | 'second';
}

export interface Record {
  key: string;
  date: string;
  values: { readonly [series: string]: number | undefined };
  source?: string;
}

export interface ChartProps {
  title: string;
  unit: string;
  digits?: number;
  series: readonly Series[];
  /** Sorted by date, oldest first. */
  records: readonly Record[];
  /** The range that is usual for adults, drawn behind the line. */
  band?: { low: number; high: number; name: string };
  kind?: 'line' | 'bars';
}

interface Size {
  width: number;
  rem: number;
}

function useSize(): [React.RefObject<HTMLDivElement | null>, Size] {
  const box = useRef<HTMLDivElement>(null);
  const { size: textSize } = usePreferences();
  const [size, setSize] = useState<Size>({ width: 340, rem: 16 });
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
  }, [textSize]);
  return [box, size];
}

export function Chart(props: ChartProps): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const [box, size] = useSize();
  const [asTable, setAsTable] = useState(false);
  const [chosen, setAt] = useState<number | null>(null);
  const at = Math.min(chosen ?? Infinity, props.records.length - 1);
  const title = useId();
  const digits = props.digits ?? 0;
  const say = (value: number | undefined) => (value === undefined ? '–' : formatNumber(value, reader.language, digits));
  const sentence = (record: Record) =>
    `${formatDate(record.date, reader)} ${props.series.map((series) => `${props.series.length > 1 ? `${series.name} ` : ''}${say(record.values[series.key])}`).join('、')} ${props.unit}`;
  const current = props.records[at];
  if (!current) return null;
  const table = (
    <Table
      caption={`${props.title}（${props.unit}）`}
      columns={[
        { key: 'date', label: t('common.date') },
        ...props.series.map((series) => ({ key: series.key, label: series.name, number: true })),
        ...(props.records.some((record) => record.source) ? [{ key: 'source', label: t('chart.source') }] : []),
      ]}
      rows={[...props.records].reverse().map((record) => ({
        key: record.key,
        cells: {
          date: formatDate(record.date, reader),
          source: record.source,
          ...Object.fromEntries(props.series.map((series) => [series.key, say(record.values[series.key])])),
        },
      }))}
    />
  );
  return (
    <figure className="mu-chart" aria-labelledby={title}>
      <figcaption className="mu-chart__head">
        <span id={title} className="mu-chart__title">
          {props.title}
          <span className="mu-chart__unit">（{props.unit}）</span>
        </span>
        {props.series.length > 1 || props.band ? (
          <span className="mu-chart__legend" aria-hidden="true">
            {props.series.map((series) => (
              <span key={series.key} className={`mu-chart__key mu-chart__key--${series.look}`}>
                {series.name}
              </span>
            ))}
            {props.band ? <span className="mu-chart__key mu-chart__key--band">{props.band.name}</span> : null}
          </span>
        ) : null}
      </figcaption>
      <div ref={box} className="mu-chart__box">
        {asTable ? table : <Drawing {...props} size={size} at={at} label={`${props.title}: ${props.records.map(sentence).join(' / ')}`} onPick={setAt} />}
      </div>
      {asTable ? null : (
        <div className="mu-chart__reader mu-no-print">
          <Button look="secondary" onClick={() => setAt(Math.max(0, at - 1))} attributes={{ 'aria-label': t('chart.before'), disabled: at <= 0 }}>
            <Icon name="left" />
          </Button>
          <p aria-live="polite" className="mu-chart__now">
            <span>{formatDate(current.date, reader)}</span>
            <strong>
              {props.series.map((series) => say(current.values[series.key])).join(' / ')} {props.unit}
            </strong>
            {current.source ? <span className="mu-sub">{current.source}</span> : null}
          </p>
          <Button
            look="secondary"
            onClick={() => setAt(Math.min(props.records.length - 1, at + 1))}
            attributes={{ 'aria-label': t('chart.after'), disabled: at >= props.records.length - 1 }}
          >
            <Icon name="right" />
          </Button>
        </div>
      )}
      <div className="mu-no-print">
        <Button look="quiet" icon={<Icon name={asTable ? 'chart' : 'table'} />} onClick={() => setAsTable(!asTable)}>
          <T k={asTable ? 'chart.as-picture' : 'chart.as-table'} />
        </Button>
      </div>
    </figure>
  );
}

interface DrawingProps extends ChartProps {
  size: Size;
  at: number;
  label: string;
  onPick: (at: number) => void;
}

function Drawing({ size, records, series, band, kind, at, label, onPick, digits }: DrawingProps): ReactNode {
  const reader = usePreferences();
  const { rem, width } = size;
  const height = Math.min(22 * rem, Math.max(14 * rem, width * 0.6));
  const all = records.flatMap((record) => series.map((one) => record.values[one.key])).filter((value): value is number => value !== undefined);
  const low = Math.min(...all, ...(band ? [band.low] : []), ...(kind === 'bars' ? [0] : []));
  const high = Math.max(...all, ...(band ? [band.high] : []));
  const ticks = niceTicks(low, high, Math.max(2, Math.floor(height / (3.2 * rem))));
  const words = ticks.map((tick) => formatNumber(tick, reader.language, Number.isInteger(tick) ? 0 : Math.max(1, digits ?? 1)));
  const left = Math.max(...words.map((word) => word.length)) * 0.62 * rem + 0.75 * rem;
  const bottom = 2 * rem;
  const area = { left, right: width - 1.1 * rem, top: 0.75 * rem, bottom: height - bottom };
  const days = records.map((record) => dayNumber(record.date));
  const first = days[0] ?? 0;
  const last = days.at(-1) ?? first;
  const pad = Math.max(1, (last - first) * 0.04);
  const x = linear([first - pad, last + pad], [area.left, area.right]);
  const y = linear([ticks[0] ?? 0, ticks.at(-1) ?? 1], [area.bottom, area.top]);
  const dates = timeTicks(first - pad, last + pad, Math.max(2, Math.floor((area.right - area.left) / (4.2 * rem))));
  const bar = Math.max(3, Math.min(1.5 * rem, ((area.right - area.left) / Math.max(1, last - first + 1)) * 0.7));
  const longTerm = last - first > 700;
  return (
    <svg className="mu-chart__svg" role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      {band ? <rect className="mu-chart__band" x={area.left} width={area.right - area.left} y={y(band.high)} height={Math.max(0, y(band.low) - y(band.high))} /> : null}
      {ticks.map((tick, index) => (
        <g key={tick}>
          <line className="mu-chart__grid" x1={area.left} x2={area.right} y1={y(tick)} y2={y(tick)} />
          <text className="mu-chart__axis" x={area.left - 0.4 * rem} y={y(tick)} dy="0.35em" textAnchor="end">
            {words[index]}
          </text>
        </g>
      ))}
      {dates.map((day) => (
        <g key={day}>
          <line className="mu-chart__grid" x1={x(day)} x2={x(day)} y1={area.bottom} y2={area.bottom + 0.4 * rem} />
          <text className="mu-chart__axis" x={x(day)} y={area.bottom + 1.5 * rem} textAnchor="middle">
            {longTerm ? formatYear(dateOfDay(day), reader) : `${Number(dateOfDay(day).slice(5, 7))}/${Number(dateOfDay(day).slice(8))}`}
          </text>
        </g>
      ))}
      {series.map((one) => {
        const points = records.flatMap((record, index) => {
          const value = record.values[one.key];
          return value === undefined ? [] : [{ x: x(days[index]!), y: y(value), index }];
        });
        return (
          <g key={one.key} className={`mu-chart__series mu-chart__series--${one.look}`}>
            {kind === 'bars'
              ? points.map((point) => (
                  <rect
                    key={point.index}
                    className={point.index === at ? 'mu-chart__bar is-now' : 'mu-chart__bar'}
                    x={point.x - bar / 2}
                    width={bar}
                    y={point.y}
                    height={Math.max(1, area.bottom - point.y)}
                    rx={Math.min(3, bar / 3)}
                    onClick={() => onPick(point.index)}
                  />
                ))
              : null}
            {kind === 'bars' ? null : <path className="mu-chart__line" d={linePath(points)} />}
            {kind === 'bars'
              ? null
              : points.map((point) =>
                  one.look === 'second' ? (
                    <rect
                      key={point.index}
                      className={point.index === at ? 'mu-chart__dot is-now' : 'mu-chart__dot'}
                      x={point.x - 0.3 * rem}
                      y={point.y - 0.3 * rem}
                      width={0.6 * rem}
                      height={0.6 * rem}
                      onClick={() => onPick(point.index)}
                    />
                  ) : (
                    <circle
                      key={point.index}
                      className={point.index === at ? 'mu-chart__dot is-now' : 'mu-chart__dot'}
                      cx={point.x}
                      cy={point.y}
                      r={0.33 * rem}
                      onClick={() => onPick(point.index)}
                    />
                  ),
                )}
          </g>
        );
      })}
    </svg>
  );
}
