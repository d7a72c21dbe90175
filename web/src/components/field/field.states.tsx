import { Field } from './field';

const nothing = () => undefined;

export default {
  title: '入力欄',
  states: {
    empty: <Field name="mail" label="メールアドレス" value="" onChange={nothing} need="required" hint="例：hanako@example.jp" />,
    filled: <Field name="telephone" label="電話番号" value="090-1234-5678" onChange={nothing} />,
    error: <Field name="weight" label="体重" value="5.82.1" unit="kg" width="short" onChange={nothing} error="小数点は1つだけ入れてください" />,
    password: <Field name="secret" label="ポータルのパスワード" type="password" value="himitsu-no-aikotoba" need="optional" onChange={nothing} />,
    code: <Field name="code" label="確認番号" width="code" value="482913" onChange={nothing} />,
    lines: <Field name="note" label="ひとこと" lines={4} value={'朝ごはんのあとに測りました。\n少し早く歩いたあとです。'} onChange={nothing} />,
  },
};
