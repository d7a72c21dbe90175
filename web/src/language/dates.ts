// Dates as people read them. Civil dates ("2026-11-22") never pass through a time zone; instants are shown in Japan's.
import type { Calendar, Language } from './preferences';

export const eras = [
  { id: 'reiwa', name: '令和', reading: 'れいわ', first: '2019-05-01' },
  { id: 'heisei', name: '平成', reading: 'へいせい', first: '1989-01-08' },
  { id: 'showa', name: '昭和', reading: 'しょうわ', first: '1926-12-25' },
  { id: 'taisho', name: '大正', reading: 'たいしょう', first: '1912-07-30' },
] as const;
export type EraId = (typeof eras)[number]['id'];

export interface Reading {
  language: Language;
  calendar: Calendar;
}

function civil(date: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(date);
  if (!match) return null;
  const value = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
  return value.getUTCMonth() === Number(match[2]) - 1 ? value : null;
}

function usesEra(reading: Reading): boolean {
  return reading.language === 'ja' && reading.calendar === 'era';
}

function localeOf(reading: Reading): string {
  if (reading.language === 'en') return 'en-GB';
  return usesEra(reading) ? 'ja-JP-u-ca-japanese' : 'ja-JP-u-ca-gregory';
}

export function formatDate(date: string, reading: Reading): string {
  const value = civil(date);
  if (!value) return date;
  return new Intl.DateTimeFormat(localeOf(reading), {
    ...(usesEra(reading) ? { era: 'long' as const } : {}),
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  }).format(value);
}

/** Short form for chart axes and dense tables: 令和8年, 2026. */
export function formatYear(date: string, reading: Reading): string {
  const value = civil(date);
  if (!value) return date;
  if (!usesEra(reading)) return String(value.getUTCFullYear()) + (reading.language === 'en' ? '' : '年');
  return new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { era: 'narrow', year: 'numeric', timeZone: 'UTC' })
    .format(value)
    .replace(/年$/, '');
}

export function formatInstant(instant: string, reading: Reading): string {
  const value = new Date(instant);
  if (Number.isNaN(value.getTime())) return instant;
  return new Intl.DateTimeFormat(localeOf(reading), {
    ...(usesEra(reading) ? { era: 'long' as const } : {}),
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'Asia/Tokyo',
  }).format(value);
}

/** Today's civil date in Japan. */
export function todayInJapan(now: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(now);
}

export function eraOf(date: string): { era: EraId; year: number } | null {
  const found = eras.find((era) => date >= era.first);
  if (!found || !civil(date)) return null;
  return { era: found.id, year: Number(date.slice(0, 4)) - Number(found.first.slice(0, 4)) + 1 };
}

/** Null when the day does not exist or does not lie in that era (平成31年5月1日 was 令和元年). */
export function dateFromEra(era: EraId, year: number, month: number, day: number): string | null {
  const found = eras.find((candidate) => candidate.id === era);
  if (!found || !Number.isInteger(year) || year < 1) return null;
  const western = Number(found.first.slice(0, 4)) + year - 1;
  const date = `${String(western).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  const value = civil(date);
  if (!value || value.getUTCDate() !== day) return null;
  return eraOf(date)?.era === era ? date : null;
}

export function formatNumber(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(language === 'en' ? 'en-GB' : 'ja-JP', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

export function ageInYears(birth: string, today: string): number {
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return today.slice(5) < birth.slice(5) ? years - 1 : years;
}
