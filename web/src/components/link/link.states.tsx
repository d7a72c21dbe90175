import { Link } from './link';

export default {
  title: 'リンク',
  states: {
    inline: (
      <p>
        くわしくは<Link href="#help">使い方</Link>を見てください。
      </p>
    ),
    standing: (
      <Link href="#lost" standing>
        カードをなくしたとき
      </Link>
    ),
    outside: (
      <Link href="https://example.jp/" opens="new-window" standing>
        市のホームページ
      </Link>
    ),
  },
};
