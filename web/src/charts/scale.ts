// The arithmetic of the charts, apart from any drawing.
export interface Scale {
  (value: number): number;
}

export function linear(from: readonly [number, number], to: readonly [number, number]): Scale {
  const width = from[1] - from[0] || 1;
  return (value) => to[0] + ((value - from[0]) / width) * (to[1] - to[0]);
}

/** Round figures (1, 2 or 5 times a power of ten) that hold the values, with at most `most` steps. */
export function niceTicks(low: number, high: number, most: number): number[] {
  const span = Math.max(high - low, Math.abs(high) * 1e-6, 1e-6);
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let at = Math.floor(low / step); at <= Math.ceil(high / step); at += 1) ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

/** Days since 1970 of a civil date; charts never meet a time zone. */
export function dayNumber(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10))) / 86_400_000;
}

export function dateOfDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Where to write a label under the time axis: years when there are years, months otherwise, days at the least. */
export function timeTicks(first: number, last: number, most: number): number[] {
  const from = new Date(first * 86_400_000);
  const years = (last - first) / 365.25;
  const ticks: number[] = [];
  if (years >= 2) {
    const every = Math.max(1, Math.ceil(years / most));
    for (let year = from.getUTCFullYear(); ; year += every) {
      const day = Date.UTC(year, 0, 1) / 86_400_000;
      if (day > last) break;
      if (day >= first) ticks.push(day);
    }
    return ticks;
  }
  const months = Math.max(1, Math.ceil(((last - first) / 30.4 + 1) / most));
  for (let month = from.getUTCMonth(); ; month += months) {
    const day = Date.UTC(from.getUTCFullYear(), month, 1) / 86_400_000;
    if (day > last) break;
    if (day >= first) ticks.push(day);
  }
  return ticks.length > 0 ? ticks : [first];
}

export function linePath(points: readonly { x: number; y: number }[]): string {
  return points.map((point, index) => `${index === 0 ? 'M' : 'L'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('');
}
