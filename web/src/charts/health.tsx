// The two charts of the first record page.
import type { ReactNode } from 'react';
import { useText } from '@/language/text';
import { Chart, type Record } from './chart';

/** The band is the usual range of office measurements: below 140/90 (guideline of the Japanese Society of Hypertension). */
export function BloodPressureChart({ records }: { records: readonly Record[] }): ReactNode {
  const t = useText();
  return (
    <Chart
      title={t('chart.blood-pressure')}
      unit="mmHg"
      records={records}
      series={[
        { key: 'systolic', name: t('chart.systolic'), look: 'own' },
        { key: 'diastolic', name: t('chart.diastolic'), look: 'second' },
      ]}
      band={{ low: 90, high: 140, name: t('chart.systolic-band') }}
    />
  );
}

export function WeightChart({ records }: { records: readonly Record[] }): ReactNode {
  const t = useText();
  return <Chart title={t('chart.weight')} unit="kg" digits={1} records={records} series={[{ key: 'value', name: t('chart.weight'), look: 'own' }]} />;
}

export function StepsChart({ records }: { records: readonly Record[] }): ReactNode {
  const t = useText();
  return <Chart title={t('chart.steps')} unit={t('chart.steps-unit')} kind="bars" records={records} series={[{ key: 'value', name: t('chart.steps'), look: 'own' }]} />;
}
