import { ErrorSummary } from './error_summary';

export default {
  title: 'まちがいのまとめ',
  states: {
    two: (
      <>
        <ErrorSummary
          items={[
            { field: 'mail-x', text: 'メールアドレスに @ がありません' },
            { field: 'terms-x', text: '利用規約への同意を選んでください' },
          ]}
        />
      </>
    ),
  },
};
