import type { Vital } from '@/api/types';
import { formatNumber } from '@/language/dates';
import type { Language } from '@/language/preferences';

export { PersonPage, SourceChip, usePeople } from '@/app/person_page';

export function pressureText(vital: Vital): string {
  return `${vital.values.systolic ?? '–'} / ${vital.values.diastolic ?? '–'} mmHg`;
}

export function vitalText(vital: Vital, language: Language): string {
  if (vital.values.systolic !== undefined) return pressureText(vital);
  const value = vital.values.value;
  if (value === undefined) return '–';
  return `${formatNumber(value, language, Number.isInteger(value) && vital.unit !== 'kg' ? 0 : 1)} ${vital.unit}`;
}
