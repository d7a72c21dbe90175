import { BloodPressureChart, StepsChart, WeightChart } from './health';

const years = [2021, 2022, 2023, 2024, 2025, 2026];

export default {
  title: 'グラフ',
  states: {
    pressure: <BloodPressureChart records={years.map((year, index) => ({ key: String(year), date: `${year}-06-12`, values: { systolic: 118 + index * 4, diastolic: 71 + index * 2 }, source: '市の記録' }))} />,
    weight: <WeightChart records={years.map((year, index) => ({ key: String(year), date: `${year}-06-12`, values: { value: 56.4 + index * 0.7 } }))} />,
    steps: <StepsChart records={Array.from({ length: 14 }, (_, index) => ({ key: String(index), date: `2026-11-${String(index + 1).padStart(2, '0')}`, values: { value: 3000 + ((index * 2711) % 6000) } }))} />,
  },
};
