import { Table } from './table';

export default {
  title: '表',
  states: {
    results: (
      <Table
        caption="健診の結果"
        columns={[
          { key: 'name', label: '項目' },
          { key: 'value', label: '値', number: true },
          { key: 'range', label: '帯' },
        ]}
        rows={[
          { key: '1', cells: { name: '最高血圧', value: '128 mmHg', range: '帯の中' } },
          { key: '2', cells: { name: 'HbA1c', value: '5.7 %', range: '帯の外（高い）' } },
        ]}
      />
    ),
  },
};
